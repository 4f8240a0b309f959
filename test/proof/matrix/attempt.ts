import type { Answer } from '../../support/client.js';
import { Client } from '../../support/client.js';
import type { Means } from './attacks.js';
import type { Row } from './row.js';
import { fill, type Things } from './things.js';

/** A request of the matrix as it was sent, and what came. */
export interface Attempt {
  readonly sent: string;
  readonly answer: Answer;
}

/** Asks for `things`, by the route of the row, with these means. */
export function attempt(row: Row, method: string, means: Means, things: Things): Promise<Attempt> {
  return send(row, method, row.declaration.path, means, things);
}

/** The answer to the same means for what does not exist. */
export function askForAbsent(row: Row, method: string, means: Means): Promise<Attempt> {
  const { declaration, absent } = row;
  if (declaration.token) return send(row, method, declaration.path, { ...means, token: 'not-a-token' }, absent);
  if (declaration.path.includes('{') || declaration.namesInBody) return attempt(row, method, means, absent);
  // A route that names nothing is refused as every other route is.
  const isRead = method === 'GET' || means.method === 'HEAD';
  return send(row, isRead ? 'GET' : 'PATCH', '/api/projects/{project}', { ...means, fields: undefined }, absent);
}

async function send(row: Row, method: string, path: string, means: Means, things: Things): Promise<Attempt> {
  const { declaration, testApp } = row;
  const { caller, token, query = {}, fields, headers = {} } = means;
  const body = await bodyOf(row, path, means, things);
  const filled = new URL(fill(path, things), testApp.baseUrl);
  for (const [name, value] of Object.entries(query)) filled.searchParams.set(name, value);
  const target = filled.pathname + filled.search;
  const bearer = declaration.token || token === null ? undefined : (token ?? caller.client.token);
  const answer = await new Client(testApp.baseUrl, bearer).send(means.method ?? method, target, body, headers);
  const shownHeaders = Object.entries({
    ...(bearer ? { authorization: `Bearer ${shorten(bearer)}` } : {}),
    ...headers,
  });
  const sent = [
    `${means.method ?? method} ${shorten(target)}`,
    ...shownHeaders.map(([name, value]) => `${name}: ${value}`),
    ...(body instanceof FormData ? ['(a form with a file)'] : body ? [shorten(JSON.stringify(body))] : []),
    ...(fields && !body ? [JSON.stringify(fields)] : []),
  ].join('\n');
  return { sent, answer };
}

async function bodyOf(row: Row, path: string, { caller, token, fields }: Means, things: Things): Promise<unknown> {
  const { declaration } = row;
  const own = path === declaration.path ? await declaration.body?.(things, caller) : undefined;
  if (own instanceof FormData) {
    for (const [name, value] of Object.entries(fields ?? {})) own.append(name, value);
    return own;
  }
  const tokenInBody = declaration.token && token !== undefined ? { refresh_token: token } : {};
  return own || fields ? { ...own, ...fields, ...tokenInBody } : undefined;
}

const shorten = (text: string) => text.replaceAll(/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, (token) => `${token.slice(0, 12)}…`);
