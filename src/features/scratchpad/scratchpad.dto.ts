import { z } from 'zod';
import { text } from '../../common/validation.js';
import { sessionEntries } from '../../isolation/sessions/index.js';

const { maximumBytes } = sessionEntries.scratchpad;

export const Scratchpad = z.strictObject({
  text: text(0, maximumBytes).refine(
    (value) => Buffer.byteLength(value) <= maximumBytes,
    `must be at most ${String(maximumBytes)} bytes of UTF-8`,
  ),
});
export type Scratchpad = z.infer<typeof Scratchpad>;
