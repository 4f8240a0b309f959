import { hash, verify } from '@node-rs/argon2';

/** argon2id with the minimum that OWASP's password storage cheat sheet names: 19 MiB, 2 passes, 1 lane. */
const parameters = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 } as const;

export function hashPassword(password: string): Promise<string> {
  return hash(password, parameters);
}

/** Made before the first login, which would otherwise take longer than the next. */
const decoy = hashPassword('nobody has this password');

/**
 * Whether the password belongs to the hash. Without a hash (nobody by that name) it does the same
 * work against a decoy, so that time does not tell unknown people from wrong passwords.
 */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  const isRight = await verify(passwordHash ?? (await decoy), password);
  return isRight && passwordHash !== undefined;
}
