import { randomUUID } from 'node:crypto';
import { TenantProvisioningService } from '../../../src/features/tenants/tenant-provisioning.service.js';
import type { Role } from '../../../src/isolation/context/index.js';
import { AccessTokens } from '../../../src/isolation/http/index.js';
import { Client } from '../../support/client.js';
import type { TestApp } from '../../support/test-app.js';
import { password, type TenantOfWorld } from '../../support/world.js';

export interface Member {
  readonly userId: string;
  readonly email: string;
  readonly client: Client;
}

/** Adds somebody to a tenant; with the e-mail of somebody there is, that person. */
export async function addMember(
  { get, baseUrl }: TestApp,
  { id: tenantId, slug, marker }: TenantOfWorld,
  role: Role,
  email = `${randomUUID()}@${marker}.example`,
): Promise<Member> {
  const members = [{ email, name: `${role} of ${marker}`, role, password }];
  const { memberIds } = await get(TenantProvisioningService).provision({ slug, name: marker, members });
  const userId = memberIds[email] ?? '';
  const token = await get(AccessTokens).issue({ userId, tenantId, role, sessionId: randomUUID() });
  return { userId, email, client: new Client(baseUrl, token) };
}
