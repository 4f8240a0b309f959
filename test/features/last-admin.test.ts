import type { MemberView } from '../../src/features/members/member.dto.js';
import { addMember } from '../isolation/http/people.js';
import { walk } from '../isolation/http/walk.js';
import type { Answer, Client } from '../support/client.js';
import { adminUrl, withPostgres } from '../support/postgres.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { createWorld, type TenantOfWorld } from '../support/world.js';

let testApp: TestApp;
beforeAll(async () => {
  testApp = await startTestApp();
});
afterAll(() => testApp.close());

const pathOf = (userId: string) => `/api/members/${userId}`;
const adminsOf = async ({ viewer }: TenantOfWorld) =>
  (await walk<MemberView>(viewer, '/api/members', {}))
    .flatMap(({ items }) => items)
    .filter(({ role }) => role === 'admin');

describe('a tenant keeps at least one admin:', () => {
  it.each<[string, object | undefined]>([
    ['PATCH', { role: 'member' }],
    ['DELETE', undefined],
  ])('%s of the last one is refused and changes nothing; of the last but one it is not', async (method, body) => {
    const { acme } = await createWorld(testApp);
    const path = pathOf(acme.admin.identity.userId);
    const before = (await acme.admin.get(path)).json as unknown;
    expect(await acme.admin.send(method, path, body)).toMatchObject({ status: 409, json: { code: 'last-admin' } });
    expect((await acme.admin.get(path)).json).toEqual(before);
    await addMember(testApp, acme, 'admin');
    expect((await acme.admin.send(method, path, body)).status).toBeLessThan(300);
  });

  it('the last one may be renamed, and anybody else removed', async () => {
    const { acme } = await createWorld(testApp);
    expect((await acme.admin.patch(pathOf(acme.admin.identity.userId), { name: 'new', role: 'admin' })).status).toBe(
      200,
    );
    expect((await acme.admin.delete(pathOf(acme.member.identity.userId))).status).toBe(204);
  });

  it('an admin who has been removed, or is another tenant’s, does not count', async () => {
    const { acme } = await createWorld(testApp);
    const second = await addMember(testApp, acme, 'admin');
    expect((await acme.admin.delete(pathOf(second.userId))).status).toBe(204);
    expect((await acme.admin.delete(pathOf(acme.admin.identity.userId))).status).toBe(409);
  });

  it.each<[string, object | undefined]>([
    ['PATCH', { role: 'viewer' }],
    ['DELETE', undefined],
  ])('of the last two, each dismissing the other at once (%s), one stays', async (method, body) => {
    const { acme } = await createWorld(testApp);
    let first = { userId: acme.admin.identity.userId, client: acme.admin as Client };
    for (let round = 0; round < 6; round += 1) {
      const second = await addMember(testApp, acme, 'admin');
      const dismissals = [
        () => first.client.send(method, pathOf(second.userId), body),
        () => second.client.send(method, pathOf(first.userId), body),
      ];
      const statuses = (await meeting(acme, dismissals)).map(({ status }) => status);
      expect(statuses.toSorted()).toEqual([method === 'DELETE' ? 204 : 200, 409]);
      const admins = await adminsOf(acme);
      expect(admins).toHaveLength(1);
      if (admins[0]?.userId === second.userId) first = second;
    }
  });
});

/** Holds the tenant's members until every request waits for a lock, so that the requests go on at the same time. */
function meeting(tenant: TenantOfWorld, requests: readonly (() => Promise<Answer>)[]): Promise<readonly Answer[]> {
  return withPostgres(adminUrl(), async (client) => {
    await client.query('BEGIN');
    await client.query('SELECT FROM memberships WHERE tenant_id = $1 FOR UPDATE', [tenant.id]);
    let answered = 0;
    const answers = Promise.all(requests.map((request) => request().finally(() => (answered += 1))));
    const waiting = async () => (await client.query('SELECT FROM pg_locks WHERE NOT granted')).rowCount ?? 0;
    while (answered === 0 && (await waiting()) < requests.length);
    await client.query('COMMIT');
    return answers;
  });
}
