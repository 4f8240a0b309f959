import type { WireAnswer } from '../isolation/http/wire.js';

/** Expects an answer that blames the client, in the form of RFC 9457. */
export function expectProblem({ status, headers, text }: WireAnswer): void {
  expect(headers['content-type']).toMatch(/^application\/problem\+json/);
  expect([status >= 400 && status < 500, text]).toEqual([true, text]);
  expect(JSON.parse(text)).toMatchObject({
    type: expect.stringMatching(/^https:.+#[a-z-]+$/) as unknown,
    title: expect.stringMatching(/./) as unknown,
    status,
  });
}

/** The fields that an invalid-input answer complains of. */
export function wrongFields(json: unknown): string[] {
  return (json as { errors: { path: string }[] }).errors.map(({ path }) => path);
}
