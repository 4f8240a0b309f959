import type { Answer, Client } from './client.js';

const signature = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

/** A content that begins like a PNG, has the text in it, and is at least so long. */
export function picture(text: string, bytes = 0): Buffer {
  const content = Buffer.concat([signature, Buffer.from(text)]);
  return Buffer.concat([content, Buffer.alloc(Math.max(0, bytes - content.length), 'x')]);
}

/** Uploads a file into a project, as a browser would. */
export function upload(
  client: Client,
  content: Buffer | string,
  { project = 1, name = 'file', type = 'application/octet-stream' } = {},
): Promise<Answer> {
  const form = new FormData();
  form.append('file', new Blob([Buffer.from(content)], { type }), name);
  return client.send('POST', `/api/projects/${String(project)}/files`, form);
}

export function contentPath({ json }: Answer): string {
  const { projectNumber, number } = json as { projectNumber: number; number: number };
  return `/api/projects/${String(projectNumber)}/files/${String(number)}/content`;
}
