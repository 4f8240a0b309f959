import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { compiled } from '../../../scripts/services/compiled.js';
import { checkRole, checkTenantProof } from '../../../src/isolation/database/boot-checks.js';
import { tenantBinding } from '../../../src/isolation/database/clients.js';
import { tenantProver } from '../../../src/isolation/database/tenant-proof.js';
import { adminUrl, variable, withPostgres } from '../../support/postgres.js';

it('the application’s own roles are accepted', async () => {
  await expect(checkRole('DATABASE_URL', variable('DATABASE_URL'))).resolves.toBeUndefined();
  await expect(checkRole('SYSTEM_DATABASE_URL', variable('SYSTEM_DATABASE_URL'))).resolves.toBeUndefined();
});

it('a superuser is refused', async () => {
  await expect(checkRole('DATABASE_URL', adminUrl())).rejects.toThrow(/Refusing to start: .*is a superuser/);
});

it('the owner of the tables is refused', async () => {
  const check = checkRole('DATABASE_URL', variable('MIGRATION_DATABASE_URL'));
  await expect(check).rejects.toThrow(/owns tables or can become their owner/);
});

it.each([
  ['has BYPASSRLS', (role: string) => `ALTER ROLE ${role} BYPASSRLS`],
  [
    'can become a role that bypasses row-level security',
    (role: string) => `CREATE ROLE ${role}_b BYPASSRLS; GRANT ${role}_b TO ${role}`,
  ],
  ['owns tables or can become their owner', (role: string) => `GRANT owner TO ${role}`],
  ['can create objects in the schema public', (role: string) => `GRANT CREATE ON SCHEMA public TO ${role}`],
])('a role that %s is refused', async (fault, grant) => {
  const role = `probe_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(variable('DATABASE_URL'));
  url.username = role;
  url.password = 'probe';
  const database = url.pathname.slice(1);
  await withPostgres(adminUrl(), async (admin) => {
    await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'probe'; GRANT CONNECT ON DATABASE ${database} TO ${role}`);
    try {
      await expect(checkRole('DATABASE_URL', url.href)).resolves.toBeUndefined();
      await admin.query(grant(role));
      await expect(checkRole('DATABASE_URL', url.href)).rejects.toThrow(fault);
    } finally {
      await admin.query(`DROP OWNED BY ${role}; DROP ROLE ${role}; DROP ROLE IF EXISTS ${role}_b`);
    }
  });
});

it('a proof key that the database does not know is refused, with the remedy', async () => {
  const tenant = randomUUID();
  const check = (key: string) => checkTenantProof(variable('DATABASE_URL'), tenantBinding(tenant, tenantProver(key)));
  await expect(check(randomUUID())).rejects.toThrow(/npm run db -- migrate/);
  await expect(check(variable('TENANT_PROOF_KEY'))).resolves.toBeUndefined();
});

describe('the application does not start', () => {
  const start = (environment: NodeJS.ProcessEnv) =>
    spawnSync(process.execPath, [compiled('src/main.ts')], {
      encoding: 'utf8',
      env: { ...process.env, ...environment },
      timeout: 30_000, // for one that does
    });

  it.each(['DATABASE_URL', 'SYSTEM_DATABASE_URL'])(
    'on %s of a role that could pass by the policies, and says why',
    (name) => {
      const { status, stderr } = start({ [name]: adminUrl() });
      expect(stderr).toContain(`Refusing to start: the role of ${name} is a superuser`);
      expect(status).toBe(1);
    },
  );

  it('where it is told of a pooler and there is none, and says what to set', () => {
    const { status, stderr } = start({ DATABASE_POOLER: 'transaction' });
    expect(stderr).toContain('URL leads to PostgreSQL itself, and DATABASE_POOLER is transaction.');
    expect(status).toBe(1);
  });

  it('with a TENANT_PROOF_KEY that the database does not know, and says what to do', () => {
    const { status, stderr } = start({ TENANT_PROOF_KEY: randomUUID() });
    expect(stderr).toContain("Refusing to start: the database does not accept this process's proofs.");
    expect(status).toBe(1);
  });
});
