import { z } from 'zod';
import { idInPath, text } from '../../common/validation.js';

const slug = text(1, 63);

export const Login = z.strictObject({
  email: text(3, 320).transform((email) => email.toLowerCase()),
  password: text(1, 1024),
  /** Slug of the tenant to enter; may be left out by people who belong to one only. */
  tenant: slug.optional(),
});
export type Login = z.infer<typeof Login>;

export const Refresh = z.strictObject({ refresh_token: text(1, 2048) });
export type Refresh = z.infer<typeof Refresh>;

export const SwitchTenant = z.strictObject({ tenant: slug });
export type SwitchTenant = z.infer<typeof SwitchTenant>;

export const ChangePassword = z.strictObject({ current_password: text(1, 1024), new_password: text(12, 1024) });
export type ChangePassword = z.infer<typeof ChangePassword>;

export const SessionId = idInPath;

/** RFC 6749 §5.1, and where the session is. */
export interface LoginView {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Of the access token, in seconds. */
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly tenant: { readonly id: string; readonly slug: string; readonly name: string };
}
