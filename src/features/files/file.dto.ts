import { z } from 'zod';
import { pageQuery } from '../../common/pagination.js';
import { numberInPath, text } from '../../common/validation.js';

export const FileNumber = numberInPath;

export const ListFiles = pageQuery(z.int32());
export type ListFiles = z.infer<typeof ListFiles>;

/** Shown to people and sent back in a header, and never part of a path. */
export const FileName = text(1, 255).regex(/^\P{Cc}*$/u, 'must not contain control characters');

/** A file as clients see it. Its number counts from 1 in every tenant, across its projects. */
export interface FileView {
  readonly number: number;
  readonly projectNumber: number;
  readonly name: string;
  /** What the content was found to be. */
  readonly contentType: string;
  /** Bytes. */
  readonly size: number;
  /** Of the content, in hexadecimal. */
  readonly sha256: string;
  /** The member who uploaded it. */
  readonly createdBy: string;
  /** ISO 8601, UTC. */
  readonly createdAt: Date;
}
