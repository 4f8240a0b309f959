import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Answer } from '../../support/client.js';
import type { TenantOfWorld } from '../../support/world.js';

/** Everybody of `tenants` reads and writes over HTTP, all at once, until told to stop. */
export interface Load {
  /** Resolves when so many more requests have been answered as they should be, of each tenant. */
  readonly succeeds: (times?: number) => Promise<void>;
  /** Ends it, and checks that whatever was accepted is there. @returns how requests were answered, by status */
  readonly stop: () => Promise<Readonly<Record<number, number>>>;
}

interface Accepted {
  readonly number: number;
  readonly name: string;
}

const clientsOfEach = 2;
/** A refused client tries again; not as fast as it can, or a tenant's pace would be all that is told. */
const retryAfterMs = 20;

/** @param baseUrls of the application's processes, which take turns */
export function startLoad(tenants: readonly TenantOfWorld[], baseUrls: readonly string[]): Load {
  const statuses: Record<number, number> = {};
  const stopping = new AbortController();
  const served = new Map<TenantOfWorld, number>();
  const accepted = new Map<TenantOfWorld, Accepted[]>(tenants.map((tenant) => [tenant, []]));

  const clientsOf = ({ admin }: TenantOfWorld) => baseUrls.map((baseUrl) => new Client(baseUrl, admin.token));
  const judge = (tenant: TenantOfWorld, answer: Answer): boolean => {
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    for (const other of tenants) if (other !== tenant) expect(answer.text).not.toContain(other.marker);
    if (answer.status < 300) {
      expect(answer.text).toContain(tenant.marker);
      return true;
    }
    expect(answer.json).toMatchObject({ status: 503, code: 'unavailable' });
    return false;
  };

  const run = async (tenant: TenantOfWorld, client: number): Promise<void> => {
    const clients = clientsOf(tenant);
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      const at = clients[turn % clients.length] as Client;
      const name = `${tenant.marker} ${String(client)}-${String(turn)}`;
      const written = await at.post('/api/projects', { name });
      if (judge(tenant, written)) accepted.get(tenant)?.push({ number: written.json.number as number, name });
      const reads = ['/api/projects/1', '/api/projects?limit=5', `/api/search?q=${tenant.marker}&limit=1`];
      const read = judge(tenant, await at.get(reads[turn % reads.length] ?? ''));
      if (read) served.set(tenant, (served.get(tenant) ?? 0) + 1);
      else await sleep(retryAfterMs);
    }
  };
  const running = Promise.all(
    tenants.flatMap((tenant) => Array.from({ length: clientsOfEach }, (_, n) => run(tenant, n))),
  );
  // Told by stop(), and by who waits; not as an unhandled rejection in between.
  const failed = running.then(() => undefined);
  failed.catch(() => undefined);

  return {
    succeeds: async (times = 3) => {
      const goal = new Map(tenants.map((tenant) => [tenant, (served.get(tenant) ?? 0) + times]));
      const isReached = () => tenants.every((tenant) => (served.get(tenant) ?? 0) >= (goal.get(tenant) ?? 0));
      while (!isReached()) await Promise.race([failed, sleep(10)]);
    },
    stop: async () => {
      stopping.abort();
      await running;
      for (const [tenant, all] of accepted) await expectThere(clientsOf(tenant), all);
      return statuses;
    },
  };
}

async function expectThere(clients: readonly Client[], all: readonly Accepted[]): Promise<void> {
  expect(all.length).toBeGreaterThan(0);
  expect(new Set(all.map(({ number }) => number)).size).toBe(all.length); // no number was given twice
  for (const [index, { number, name }] of all.entries()) {
    const answer = await (clients[index % clients.length] as Client).get(`/api/projects/${String(number)}`);
    expect([answer.status, answer.json.name]).toEqual([200, name]);
  }
}
