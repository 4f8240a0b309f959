/** Every error a client can be told, by its code. docs/errors.md lists the same; a test compares them. */
export const problems = {
  'malformed-request': { status: 400, title: 'The request cannot be read' },
  'invalid-input': { status: 400, title: 'The request has fields that are missing or wrong' },
  'tenant-choice-required': { status: 400, title: 'This person belongs to several tenants: say which one' },
  unauthenticated: { status: 401, title: 'A valid access token is required' },
  'wrong-credentials': { status: 401, title: 'E-mail or password is wrong' },
  'session-ended': { status: 401, title: 'The session has ended: log in again' },
  forbidden: { status: 403, title: 'Your role does not allow this' },
  'not-found': { status: 404, title: 'There is no such thing' },
  'last-admin': { status: 409, title: 'A tenant keeps at least one admin' },
  'too-many-threads': { status: 409, title: 'You have as many conversations as can be kept: delete one first' },
  'payload-too-large': { status: 413, title: 'The request body is too large' },
  'unsupported-media-type': { status: 415, title: 'The request body is not of the type that is taken here' },
  'unsupported-file-type': { status: 415, title: 'Files of this type are not taken' },
  'unknown-assignee': { status: 422, title: 'The assignee is not a member' },
  'headers-too-large': { status: 431, title: 'The request headers are too large' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'A service this request needs is not available' },
  'isolation-alarm': { status: 503, title: 'A tenant was, or could have been, shown what is not its own' },
  'sessions-unavailable': { status: 503, title: 'Whether you are logged in cannot be checked: nobody is let in' },
} as const;

export type ProblemCode = keyof typeof problems;

/** RFC 9457. `errors` says, for invalid input, what is wrong with which field. */
export interface Problem {
  readonly type: string;
  readonly code: ProblemCode;
  readonly title: string;
  readonly status: number;
  readonly errors?: readonly FieldError[];
  readonly [extension: string]: unknown;
}

export interface FieldError {
  /** Where in the input, e.g. "assigneeId" or "tasks.0.title"; empty for the input as a whole. */
  readonly path: string;
  readonly message: string;
}

/** An error meant for the client. Everything else that is thrown becomes `internal`, and its text stays in the log. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(
    readonly code: ProblemCode,
    readonly extensions: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(problems[code].title, options);
  }

  toProblem(): Problem {
    const { status, title } = problems[this.code];
    return {
      type: `https://project-1041.example/errors#${this.code}`,
      code: this.code,
      title,
      status,
      ...this.extensions,
    };
  }
}

/** For a row that is not there, and for another tenant's row: the two answers are the same, byte for byte. */
export function notFound(): ProblemError {
  return new ProblemError('not-found');
}
