import { randomUUID } from 'node:crypto';
import { declaredRoutes, InventoryModule, type DeclaredRoute } from '../../isolation/http/inventory.js';
import { addMember } from '../../isolation/http/people.js';
import { Logins } from '../../isolation/sessions/logins.js';
import { RefreshTokens } from '../../../src/isolation/http/index.js';
import { adminUrl, withPostgres } from '../../support/postgres.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { call, type Caller, type Somebody } from './callers.js';

/** The application, the two tenants, and those who have lost what they had. */
export interface MatrixStage {
  readonly testApp: TestApp;
  readonly world: World;
  readonly routes: readonly DeclaredRoute[];
  /** In both tenants, so that a user's id can be the same in both. */
  readonly consultant: string;
  /** Each still has a token, and nothing else. */
  readonly removedMember: Caller;
  readonly memberOfSuspendedTenant: Caller;
}

export async function setMatrixStage(): Promise<MatrixStage> {
  const testApp = await startTestApp(InventoryModule);
  try {
    return await furnish(testApp);
  } catch (error) {
    await testApp.close(); // or what is wrong would be told by a suite that hangs
    throw error;
  }
}

async function furnish(testApp: TestApp): Promise<MatrixStage> {
  const world = await createWorld(testApp);
  const { acme, globex } = world;
  const consultant = await addMember(testApp, acme, 'member', `consultant-${randomUUID()}@consulting.example`);
  await addMember(testApp, globex, 'member', consultant.email);

  const leaver = await addMember(testApp, acme, 'admin');
  const removedMember = await call(testApp, { email: leaver.email, identity: leaver.client.identity });
  const { status } = await acme.admin.delete(`/api/members/${leaver.userId}`);
  if (status !== 204) throw new Error(`The member could not be removed: ${String(status)}.`);

  return {
    testApp,
    world,
    routes: declaredRoutes(testApp),
    consultant: consultant.userId,
    removedMember,
    memberOfSuspendedTenant: await suspend(testApp, (await createWorld(testApp)).acme.admin),
  };
}

/**
 * Suspends the tenant, and asks for new tokens as its clients do. That is refused and ends the session, so that the
 * access token is good for nothing from then on; until that request it is (see the threat model).
 */
async function suspend(testApp: TestApp, admin: Somebody): Promise<Caller> {
  const caller = await call(testApp, admin);
  await withPostgres(adminUrl(), (client) =>
    client.query(`UPDATE tenants SET status = 'suspended' WHERE id = $1`, [admin.identity.tenantId]),
  );
  const refreshToken = await testApp.get(RefreshTokens).issue(caller.identity, 1);
  const { status } = await new Logins(testApp.baseUrl).tryRefresh(refreshToken);
  if (status !== 401) throw new Error(`A suspended tenant's session was refreshed: ${String(status)}.`);
  return caller;
}
