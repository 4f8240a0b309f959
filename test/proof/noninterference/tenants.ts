import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { TestApp } from '../../support/test-app.js';
import { call, type Caller, type Somebody } from '../matrix/callers.js';

/** A tenant with one admin, planted by the superuser: a login takes the time of a password, and a world needs none. */
export async function plantTenant(database: pg.Client): Promise<Somebody> {
  const [tenantId, userId] = [randomUUID(), randomUUID()];
  const email = `${userId}@example.com`;
  await database.query(
    `WITH tenant AS (INSERT INTO tenants (id, slug, name) VALUES ($1::uuid, $1::text, 'Tenant')),
          person AS (INSERT INTO users (id, email, password_hash) VALUES ($2, $3, 'none'))
     INSERT INTO memberships (tenant_id, user_id, email, name, role) VALUES ($1::uuid, $2, $3, 'Admin', 'admin')`,
    [tenantId, userId, email],
  );
  return { email, identity: { tenantId, userId, role: 'admin' } };
}

/** Somebody who acts: logged in anew when their session has ended. */
export class Actor {
  thread: string = randomUUID();

  private constructor(
    private readonly testApp: TestApp,
    private readonly somebody: Somebody,
    public caller: Caller,
  ) {}

  static async enter(testApp: TestApp, somebody: Somebody): Promise<Actor> {
    return new Actor(testApp, somebody, await call(testApp, somebody));
  }

  async enterAgain(): Promise<void> {
    this.caller = await call(this.testApp, this.somebody);
  }
}
