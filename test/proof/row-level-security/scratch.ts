import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { tenantProver } from '../../../src/isolation/database/tenant-proof.js';
import { rules } from '../../isolation/database/inventory.js';
import { adminUrl, variable, withRollback } from '../../support/postgres.js';

export type Row = Record<string, unknown>;
type Role = 'app' | 'owner';

export const acme = randomUUID();
export const globex = randomUUID();
export const prove = tenantProver(variable('TENANT_PROOF_KEY'));

/** A transaction of the superuser that is rolled back: in it a guard can be taken away, and missed. */
export interface Scratch {
  readonly client: pg.Client;
  /** As the superuser. */
  readonly admin: (sql: string) => Promise<Row[]>;
  /** As a tenant under the app role, or another one. What it changed stays, unless it fails. */
  readonly as: (tenant: string, sql: string, role?: Role) => Promise<Row[]>;
  /** What the rule of the inventory finds. */
  readonly findings: (guarantee: RegExp) => Promise<string>;
}

export const bind = (tenant: string, proof = prove(tenant)): string =>
  `SET LOCAL app.tenant_id = '${tenant}'; SET LOCAL app.tenant_proof = '${proof}'`;

export function inScratch(work: (scratch: Scratch) => Promise<void>): Promise<void> {
  return withRollback(adminUrl(), async (client) => {
    const admin = async (sql: string) => (await client.query<Row>(sql)).rows;
    await work({
      client,
      admin,
      as: async (tenant, sql, role = 'app') => {
        await client.query(`SAVEPOINT attempt; SET LOCAL ROLE ${role}; ${bind(tenant)}`);
        try {
          const rows = await admin(sql);
          await client.query('RESET ROLE; RELEASE attempt');
          return rows;
        } catch (error) {
          await client.query('ROLLBACK TO attempt; RELEASE attempt');
          throw error;
        }
      },
      findings: async (guarantee) => {
        const found = rules.filter((rule) => guarantee.test(rule.guarantee));
        if (found.length !== 1) throw new Error(`${String(found.length)} rules are called ${String(guarantee)}.`);
        return JSON.stringify(await admin(found[0]?.violations ?? ''));
      },
    });
  });
}

/** A tenants' table as CONTRIBUTING.md has it, with a note of each tenant, both number 1; less what is left out. */
export function notes({
  name = 'notes',
  without = [],
}: { name?: string; without?: ('guard' | 'FORCE')[] } = {}): string {
  const condition = 'USING (tenant_id = (SELECT app_private.current_tenant()))';
  return `
    CREATE TABLE ${name} (tenant_id uuid, number integer, text text, PRIMARY KEY (tenant_id, number));
    ALTER TABLE ${name} OWNER TO owner;
    INSERT INTO ${name} VALUES ('${acme}', 1, 'of acme'), ('${globex}', 1, 'of globex');
    ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY ${without.includes('FORCE') ? '' : ', FORCE ROW LEVEL SECURITY'};
    CREATE POLICY tenant_rows ON ${name} TO app ${condition};
    ${without.includes('guard') ? '' : `CREATE POLICY tenant_guard ON ${name} AS RESTRICTIVE TO app ${condition};`}
    GRANT SELECT, INSERT, UPDATE, DELETE ON ${name} TO app;`;
}

export const both = [{ text: 'of acme' }, { text: 'of globex' }];
export const onlyGlobex = [{ text: 'of globex' }];
