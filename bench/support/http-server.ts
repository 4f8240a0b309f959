// A process of its own: the demo's application (the real one and the incident, side by side), one
// tenant with projects, and answers to the benchmark's questions about CPU time.
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { DemoModule } from '../../demo/demo.module.js';
import { createApp } from '../../src/bootstrap.js';
import { TenantProvisioningService } from '../../src/features/tenants/tenant-provisioning.service.js';
import { TenantContext, type TenantIdentity } from '../../src/isolation/context/index.js';
import { TenantDatabase } from '../../src/isolation/database/index.js';
import { AccessTokens } from '../../src/isolation/http/index.js';
import { Sessions } from '../../src/isolation/sessions/index.js';
import { projectNamed, projects, type FromServer } from './http-protocol.js';
import { cpuSecondsOfProcess } from './meters.js';

process.env['LOG_LEVEL'] = 'warn';

const app = await createApp(DemoModule);
await app.listen(0, '127.0.0.1');
const { port } = app.getHttpServer().address() as { port: number };
const identity = await provisionTenant();
// The incident's cache is keyed by number alone, and may hold an earlier run's: these numbers are this run's.
const firstNumber = 1 + Math.floor(Math.random() * 2_000_000_000);
const numbers = Array.from({ length: projects }, (_, index) => firstNumber + index);
await app.get(TenantContext).run(identity, 'bench', () =>
  app.get(TenantDatabase).project.createMany({
    data: numbers.map((number) => ({ number, name: projectNamed(number), description: 'x'.repeat(60) })),
  }),
);

process.on('disconnect', () => void app.close().then(() => process.exit()));
process.on('message', () => tell({ cpuSeconds: cpuSecondsOfProcess() }));
tell({ port, token: await app.get(AccessTokens).issue(identity), numbers });

async function provisionTenant(): Promise<TenantIdentity> {
  const name = `bench-http-${randomUUID()}`;
  const email = `admin@${name}.example`;
  const { id, memberIds } = await app.get(TenantProvisioningService).provision({
    slug: name,
    name,
    members: [{ email, name: 'Admin', role: 'admin', password: randomUUID() }],
  });
  const owner = { tenantId: id, userId: memberIds[email] ?? '' };
  const { session, grant } = await app.get(Sessions).start(owner, () => Promise.resolve('admin' as const));
  return { ...session, role: grant };
}

function tell(message: FromServer): void {
  process.send?.(message);
}
