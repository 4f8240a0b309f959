import type { z } from 'zod';
import { Mac, macLength } from './mac.js';

/** Seals values of one shape, as a MAC and JSON: whoever keeps them (Redis) can read them, and can neither make nor change one. */
export class SealedJson<Value> {
  readonly #mac: Mac;

  constructor(
    secret: string,
    private readonly shape: z.ZodType<Value>,
  ) {
    this.#mac = new Mac(secret);
  }

  seal(value: Value): string {
    const text = JSON.stringify(value);
    return this.#mac.of(text) + text;
  }

  /** Undefined when it was not sealed with this key, has been changed since, or is of another version's shape. */
  open(sealed: string): Value | undefined {
    const text = sealed.slice(macLength);
    if (!this.#mac.isOf(text, sealed.slice(0, macLength))) return undefined;
    return this.shape.safeParse(JSON.parse(text)).data;
  }
}
