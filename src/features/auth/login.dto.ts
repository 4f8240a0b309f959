import { z } from 'zod';
import { text } from '../../common/validation.js';

export const Login = z.strictObject({
  email: text(3, 320).transform((email) => email.toLowerCase()),
  password: text(1, 1024),
  /** Slug of the tenant to enter; may be left out by people who belong to one only. */
  tenant: text(1, 63).optional(),
});
export type Login = z.infer<typeof Login>;

/** RFC 6749 §5.1. */
export interface LoginView {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Seconds. */
  readonly expires_in: number;
  readonly tenant: { readonly id: string; readonly slug: string; readonly name: string };
}
