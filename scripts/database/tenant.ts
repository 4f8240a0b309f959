import 'reflect-metadata';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { NestFactory } from '@nestjs/core';
import { z } from 'zod';
import { AppModule } from '../../src/app.module.js';
import { text } from '../../src/common/validation.js';
import { ChangePassword } from '../../src/features/auth/auth.dto.js';
import { TenantProvisioningService } from '../../src/features/tenants/tenant-provisioning.service.js';
import { SystemContext } from '../../src/isolation/database/index.js';

export const tenantUsage =
  'Usage: npm run db -- tenant SLUG "NAME" ADMIN_EMAIL   (the password is asked for, or read from standard input)';

/** What the API would take, and for the short name what can stand in a URL. */
const Input = z.object({
  slug: text(1, 63).regex(
    /^[a-z0-9]+(-[a-z0-9]+)*$/,
    'must be lower-case letters and digits, with single hyphens between',
  ),
  name: text(1, 200),
  email: z.email('must be an e-mail address').max(200),
});

/**
 * Creates a tenant and its first admin, in the database of the environment.
 * @returns what to tell whoever asked for it
 * @throws Error naming what is wrong with the input, or that there is such a tenant
 */
export async function createTenant(
  slug: string,
  name: string,
  email: string,
  readPassword: () => Promise<string>,
): Promise<string> {
  check('', Input.safeParse({ slug, name, email }));
  const password = await readPassword();
  check('password', ChangePassword.shape.new_password.safeParse(password));

  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'], abortOnError: false });
  try {
    // Provisioning leaves a tenant that is there as it is, and adds the members: here that would let a stranger in.
    const { isTaken, isKnown } = await app.get(SystemContext).run('provision tenant', async (database) => ({
      isTaken: (await database.tenant.findFirst({ where: { slug } })) !== null,
      isKnown: (await database.user.findFirst({ where: { email: email.toLowerCase() } })) !== null,
    }));
    if (isTaken) throw new Error(`There is a tenant "${slug}" already. Nothing was changed.`);
    const members = [{ email, name: email, role: 'admin' as const, password }];
    const { id } = await app.get(TenantProvisioningService).provision({ slug, name, members });
    const kept = isKnown ? ', who was known already and keeps the password they have' : '';
    return `Created tenant "${slug}" (${id}). Its admin is ${email.toLowerCase()}${kept}.`;
  } finally {
    await app.close();
  }
}

function check(subject: string, { error }: z.ZodSafeParseResult<unknown>): void {
  if (!error) return;
  const problems = error.issues.map(
    ({ path, message }) => `  ${[...path, subject].filter(Boolean).join('.')}: ${message}`,
  );
  throw new Error(`Nothing was created:\n${problems.join('\n')}\n${tenantUsage}`);
}

/** The first line of standard input. A terminal is asked, and does not show what is typed. An argument would be in everybody's `ps`. */
export async function passwordFromStandardInput(): Promise<string> {
  const isTerminal = process.stdin.isTTY;
  if (isTerminal) process.stderr.write('Password of the admin: ');
  const silent = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: isTerminal });
  try {
    for await (const line of lines) return line;
    throw new Error('No password was given.');
  } finally {
    if (isTerminal) process.stderr.write('\n');
  }
}
