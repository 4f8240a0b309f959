import { StandardSchemaValidationPipe, type StandardSchemaValidationPipeOptions } from '@nestjs/common';
import { z } from 'zod';
import { ProblemError, type FieldError } from './errors.js';

/** Checks every parameter that declares a schema (`@Body({ schema })`), and names all that is wrong at once. */
export function validationPipe(): StandardSchemaValidationPipe {
  return new WholeInputPipe({
    exceptionFactory: (issues) => new ProblemError('invalid-input', { errors: issues.flatMap(fieldErrors) }),
  });
}

class WholeInputPipe extends StandardSchemaValidationPipe {
  /** Nest would silently drop fields named like parts of a prototype; the schemas refuse them like any unknown field. */
  protected override stripProtoKeys(): void {
    return;
  }
}

type Issue = Parameters<NonNullable<StandardSchemaValidationPipeOptions['exceptionFactory']>>[0][number];

function fieldErrors(issue: Issue): FieldError[] {
  const path = (issue.path ?? []).map((segment) => String(typeof segment === 'object' ? segment.key : segment));
  // Zod names all unknown fields of an object in one issue, which stands at the object.
  const { keys: unknownKeys } = issue as { keys?: readonly string[] };
  if (unknownKeys)
    return unknownKeys.map((key) => ({ path: [...path, key].join('.'), message: 'is not a known field' }));
  return [{ path: path.join('.'), message: issue.message }];
}

/**
 * Text as PostgreSQL can store it unchanged: no NUL, which it refuses, and no half of a surrogate
 * pair, which UTF-8 would silently replace. Length in UTF-16 code units.
 */
export function text(minimum: number, maximum: number): z.ZodString {
  return z
    .string()
    .min(minimum)
    .max(maximum)
    .refine((value) => !value.includes('\0') && value.isWellFormed(), 'must not contain NUL or broken Unicode');
}

/** Some of the fields of `shape`, and at least one. */
export function changesOf<Shape extends z.ZodRawShape>(shape: Shape) {
  return z
    .strictObject(shape)
    .partial()
    .refine((changes) => Object.keys(changes).length > 0, 'must change something');
}

/** A positive integer of PostgreSQL's type `integer`, in one spelling: no sign, no leading zero, no exponent. */
export const positiveInteger = z
  .string()
  .regex(/^[1-9]\d{0,9}$/, 'must be a positive integer')
  .transform(Number)
  .refine((value) => value <= 2_147_483_647, 'must be at most 2147483647');

/** In the one spelling that PostgreSQL and our keys have. */
export const uuid = z.uuid().lowercase();

/**
 * A number in a path. What cannot be the number of anything is read as 0, which nothing has: the answer is then the one for a
 * thing that is not there, whatever else is wrong with the request. Refusing it here would be told from that, and would answer
 * first where the thing's absence is found out last.
 */
export const numberInPath = positiveInteger.catch(0);

/** An id in a path, likewise. No UUID that was made at random is the one of zeros. */
export const idInPath = uuid.catch('00000000-0000-0000-0000-000000000000');
