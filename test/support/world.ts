import { randomUUID } from 'node:crypto';
import { TenantProvisioningService } from '../../src/features/tenants/tenant-provisioning.service.js';
import { memberRoles, type MemberRole } from '../../src/isolation/context/index.js';
import { TenantDatabase } from '../../src/isolation/database/index.js';
import { enter, type Actor } from './actor.js';
import { Client } from './client.js';
import type { TestApp } from './test-app.js';

export const password = 'a password of the test world';
/** Projects and tasks have these numbers in both tenants; project n holds task n. */
export const numbers = [1, 2, 3] as const;

/** Somebody of a tenant. */
export interface Person extends Actor {
  readonly email: string;
}

export interface TenantOfWorld {
  readonly id: string;
  readonly slug: string;
  /** Stands in every text of this tenant, and in nobody else's. */
  readonly marker: string;
  readonly admin: Person;
  readonly member: Person;
  readonly viewer: Person;
}

/** Two tenants that differ in nothing but their ids and markers: same names, same numbers, same counts. */
export interface World {
  readonly acme: TenantOfWorld;
  readonly globex: TenantOfWorld;
  readonly anonymous: Client;
  /** The admin of the other tenant: the most that an attacker can be. */
  readonly attackerOf: (victim: TenantOfWorld) => Person;
}

/** A world of its own for each suite, so that suites share the servers and nothing else. */
export async function createWorld(testApp: TestApp): Promise<World> {
  const [acme, globex] = [await createTenant(testApp, 'acme'), await createTenant(testApp, 'globex')];
  return {
    acme,
    globex,
    anonymous: new Client(testApp.baseUrl),
    attackerOf: (victim) => (victim === acme ? globex : acme).admin,
  };
}

async function createTenant(testApp: TestApp, name: string): Promise<TenantOfWorld> {
  const { get } = testApp;
  const marker = `${name}-${randomUUID()}`;
  const emailOf = (role: MemberRole) => `${role}@${marker}.example`;
  const { id, memberIds } = await get(TenantProvisioningService).provision({
    slug: marker,
    name: `Tenant ${marker}`,
    members: memberRoles.map((role) => ({ email: emailOf(role), name: `${role} of ${marker}`, role, password })),
  });
  const person = async (role: MemberRole): Promise<Person> => {
    const email = emailOf(role);
    return Object.assign(await enter(testApp, { tenantId: id, userId: memberIds[email] ?? '', role }), { email });
  };
  const admin = await person('admin');
  await admin.run(async () => {
    const database = get(TenantDatabase);
    for (const number of numbers) {
      await database.project.create({ data: { name: `Project ${String(number)} of ${marker}`, description: marker } });
      await database.task.create({ data: { projectNumber: number, title: `Task of ${marker}` } });
    }
  });
  return { id, slug: marker, marker, admin, member: await person('member'), viewer: await person('viewer') };
}
