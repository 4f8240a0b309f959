const censored = '[redacted]';
const deepest = 4;

/** Names of fields whose value is a secret, or a customer's content, wherever in a record they stand. */
const secretName =
  /^(authorization|(set-)?cookie|.*password.*|.*secret.*|.*token|.*(signing|seal|envelope|proof|api|private)_?key|link|envelope|proof|body|query|parameters|args)$/i;

/** What a record may hold of what it was given: no secrets by name, and of errors nothing that quotes a value. */
export function clean(fields: Readonly<Record<string, unknown>>, depth = 0): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, value]) => [
    name,
    secretName.test(name) && value !== undefined ? censored : cleanValue(value, depth),
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (value instanceof Error) return describe(value);
  if (depth >= deepest) return '[too deep]';
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, depth + 1));
  return clean(value as Record<string, unknown>, depth + 1);
}

/**
 * Errors whose text is the program's own, by their class: a library's may call itself "Error" and quote a server's
 * answer. Prisma's, Redis's, PostgreSQL's, Zod's, OpenAI's and JSON.parse's quote what they were given.
 */
const quotesNothing = new Set([
  'Error',
  'TypeError',
  'ReferenceError',
  'RangeError',
  'TimeoutError',
  'ProblemError',
  'JobRefusal',
  'MissingTenantError',
  'ContextAlreadySetError',
  'NoConnectionError',
]);
const mostCauses = 3;

/** Name, code and the places it came through; its message where that can be trusted. */
function describe(error: Error, causes = 0): Record<string, unknown> {
  const { message, stack = '', cause } = error;
  const { name } = error.constructor;
  const { code } = error as { code?: unknown };
  const afterMessage = stack.slice(stack.indexOf(message) + message.length); // a message may have lines that look like places
  return {
    name,
    code: typeof code === 'string' ? code : undefined,
    message: quotesNothing.has(name) ? message : undefined,
    stack: afterMessage
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .map((line) => line.trim()),
    cause: cause instanceof Error && causes < mostCauses ? describe(cause, causes + 1) : undefined,
  };
}

/** Tokens of ours (JWT), and user and password in a URL, in whatever text they stand. */
const secretText = /\beyJ[\w-]+\.[\w-]+\.[\w-]+|(?<=:\/\/)[^\s"/@]+@/g;
/**
 * What JSON leaves as it is in a string, and a reader may take for the end of a line (NEL, LS, PS), for orders to
 * the terminal (DEL, C1), or show in another order (bidirectional controls).
 */
const unsafeCharacter = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** The last look at a record before it is written. */
export function cleanLine(line: string): string {
  return line
    .replace(secretText, censored)
    .replace(unsafeCharacter, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
