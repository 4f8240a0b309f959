import { Injectable, StreamableFile } from '@nestjs/common';
import { create as contentDisposition } from 'content-disposition';
import { notFound, ProblemError } from '../../common/errors.js';
import { page, type Page } from '../../common/pagination.js';
import type { Upload } from '../../common/upload.js';
import { LinkTokens, type Link } from '../../isolation/http/index.js';
import { EventPublisher, events } from '../../isolation/realtime/index.js';
import { storageEntries, TenantStorage } from '../../isolation/storage/index.js';
import { ProjectsService } from '../projects/projects.service.js';
import { FileName, type FileView, type ListFiles } from './file.dto.js';
import { FilesRepository } from './files.repository.js';

@Injectable()
export class FilesService {
  constructor(
    private readonly files: FilesRepository,
    private readonly storage: TenantStorage,
    private readonly projects: ProjectsService,
    private readonly links: LinkTokens,
    private readonly events: EventPublisher,
  ) {}

  async list(projectNumber: number, query: ListFiles): Promise<Page<FileView>> {
    await this.projects.get(projectNumber);
    const rows = await this.files.list(projectNumber, query);
    return page(rows, query.limit, ({ number }) => number);
  }

  async get(projectNumber: number, number: number): Promise<FileView> {
    const file = await this.files.find(projectNumber, number);
    if (!file) throw notFound();
    return file;
  }

  /** The row is written when all of the content is safe, and not before. */
  async upload(projectNumber: number, { name, content }: Upload): Promise<FileView> {
    const { success, data: fileName, error } = FileName.safeParse(name);
    if (!success)
      throw new ProblemError('invalid-input', {
        errors: error.issues.map(({ message }) => ({ path: 'file', message: `its name ${message}` })),
      });
    await this.projects.get(projectNumber);
    const stored = await this.storage.put(storageEntries.projectFile, content);
    const file = await this.files.create(projectNumber, fileName, stored).catch(async (error: unknown) => {
      await this.storage.discard(stored.objectId);
      throw error;
    });
    await this.events.publish(events.fileCreated, { project: projectNumber, file: file.number });
    return file;
  }

  async content(projectNumber: number, number: number): Promise<StreamableFile> {
    const file = await this.files.findObject(projectNumber, number);
    if (!file) throw notFound();
    const content = await this.storage.open(file);
    if (!content) return this.#missing(projectNumber, number);
    const { name, contentType: type, size: length } = file;
    return new StreamableFile(content, { type, disposition: contentDisposition(name), length });
  }

  async link(projectNumber: number, number: number): Promise<Link> {
    await this.get(projectNumber, number);
    return this.links.link(`/api/projects/${String(projectNumber)}/files/${String(number)}/content`);
  }

  async delete(projectNumber: number, number: number): Promise<void> {
    await this.storage.discard(await this.files.delete(projectNumber, number));
    await this.events.publish(events.fileDeleted, { project: projectNumber, file: number });
  }

  /** Either the file was deleted between the two questions, or its object is lost: nobody may take the one for the other. */
  async #missing(projectNumber: number, number: number): Promise<never> {
    await this.get(projectNumber, number);
    throw new Error('A file has a row, and no object.');
  }
}
