import { randomUUID } from 'node:crypto';
import { TenantProvisioningService } from '../../../src/features/tenants/tenant-provisioning.service.js';
import type { MemberRole } from '../../../src/isolation/context/index.js';
import { enter, type Actor } from '../../support/actor.js';
import type { TestApp } from '../../support/test-app.js';
import { password, type TenantOfWorld } from '../../support/world.js';

export interface Member {
  readonly userId: string;
  readonly email: string;
  readonly client: Actor;
}

/** Adds somebody to a tenant; with the e-mail of somebody there is, that person. */
export async function addMember(
  testApp: TestApp,
  { id: tenantId, slug, marker }: TenantOfWorld,
  role: MemberRole,
  email = `${randomUUID()}@${marker}.example`,
): Promise<Member> {
  const members = [{ email, name: `${role} of ${marker}`, role, password }];
  const { memberIds } = await testApp.get(TenantProvisioningService).provision({ slug, name: marker, members });
  const userId = memberIds[email] ?? '';
  return { userId, email, client: await enter(testApp, { userId, tenantId, role }) };
}
