/** How contents of a type begin. Office documents are ZIP archives. */
const signatures = {
  'application/pdf': /^%PDF-/,
  'application/zip': /^PK\x03\x04/,
  'image/gif': /^GIF8[79]a/,
  'image/jpeg': /^\xff\xd8\xff/,
  'image/png': /^\x89PNG\r\n\x1a\n/,
  'image/webp': /^RIFF[^]{4}WEBP/,
} as const;

/** What the content itself can be told to be. Whatever is UTF-8, markup and scripts included, is text/plain. */
export type ContentType = keyof typeof signatures | 'text/plain';

/** So many bytes are enough to tell. */
export const signatureBytes = 12;

/** @param head the first `signatureBytes` of the content, or all of it */
export function contentTypeOf(head: Buffer): ContentType {
  const text = head.toString('latin1', 0, signatureBytes);
  const types = Object.keys(signatures) as (keyof typeof signatures)[];
  return types.find((type) => signatures[type].test(text)) ?? 'text/plain';
}
