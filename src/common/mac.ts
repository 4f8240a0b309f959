import { createHash, createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';

/** Characters of a MAC: base64url of 32 bytes. */
export const macLength = 43;

/** Makes and checks MACs (HMAC-SHA-256, base64url), which nobody can make without the secret. */
export class Mac {
  readonly #key: KeyObject;

  /** @param secret the HMAC key is its SHA-256 */
  constructor(secret: string) {
    this.#key = createSecretKey(createHash('sha256').update(secret).digest());
  }

  of(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }

  isOf(text: string, mac: string): boolean {
    const [given, expected] = [Buffer.from(mac), Buffer.from(this.of(text))];
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}
