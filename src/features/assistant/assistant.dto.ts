import { z } from 'zod';
import { idInPath, text } from '../../common/validation.js';

export const ThreadId = idInPath;

/** Of a message, and of an answer. In UTF-16 code units. */
export const maximumCharacters = 4000;

export const SendMessage = z.strictObject({ text: text(1, maximumCharacters) });
export type SendMessage = z.infer<typeof SendMessage>;
