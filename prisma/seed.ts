import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { randomUUID } from 'node:crypto';
import { AppModule } from '../src/app.module.js';
import { TenantProvisioningService, type NewTenant } from '../src/features/tenants/tenant-provisioning.service.js';
import { TenantContext } from '../src/isolation/context/index.js';
import { TenantDatabase } from '../src/isolation/database/index.js';

/** The password of every seeded person. The seed refuses to run in production. */
export const seededPassword = 'correct horse battery staple';

export interface SeedTenant extends NewTenant {
  /** Projects by number: both tenants have a 1041, and they are two different projects. */
  readonly projects: Readonly<
    Record<number, { readonly name: string; readonly description: string; readonly tasks: readonly string[] }>
  >;
}

const person = (name: string, email: string, role: 'viewer' | 'member' | 'admin') => ({
  name,
  email,
  role,
  password: seededPassword,
});

export const seedTenants: readonly [SeedTenant, SeedTenant] = [
  {
    slug: 'acme',
    name: 'Acme Corporation',
    members: [
      person('Ada Admin', 'ada@acme.example', 'admin'),
      person('Max Member', 'max@acme.example', 'member'),
      person('Vera Viewer', 'vera@acme.example', 'viewer'),
      person('Cora Consultant', 'cora@consulting.example', 'member'),
    ],
    projects: {
      1040: { name: 'Office move', description: 'Third floor by March.', tasks: ['Order boxes'] },
      1041: {
        name: 'Merger with Initech (CONFIDENTIAL)',
        description: 'Offer: 41 million. Not to be known outside the board before 1 December.',
        tasks: ['Draft the letter of intent', 'Due diligence'],
      },
      1042: { name: 'Office lease', description: 'The landlord wants 12 % more.', tasks: [] },
    },
  },
  {
    slug: 'globex',
    name: 'Globex',
    members: [
      person('Gus Admin', 'gus@globex.example', 'admin'),
      person('Mia Member', 'mia@globex.example', 'member'),
      person('Cora Consultant', 'cora@consulting.example', 'viewer'),
    ],
    projects: {
      1040: { name: 'Website relaunch', description: 'New logo, same colours.', tasks: ['Choose a font'] },
      1041: {
        name: 'Summer party',
        description: 'Barbecue on the roof, 20 June.',
        tasks: ['Find a date', 'Buy charcoal'],
      },
    },
  },
];

/** Fills an empty database with two tenants whose ids collide. Running it again changes nothing. */
export async function seed(): Promise<void> {
  if (process.env['NODE_ENV'] === 'production')
    throw new Error('The seed has public passwords: it does not run in production.');
  const app = await NestFactory.createApplicationContext(AppModule, {
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  try {
    const provisioning = app.get(TenantProvisioningService);
    const context = app.get(TenantContext);
    const database = app.get(TenantDatabase);
    for (const tenant of seedTenants) {
      const { id, memberIds } = await provisioning.provision(tenant);
      const identity = {
        tenantId: id,
        userId: Object.values(memberIds)[0] ?? '',
        role: 'admin',
        sessionId: randomUUID(),
      } as const;
      await context.run(identity, 'seed', () => seedProjects(database, tenant));
    }
  } finally {
    await app.close();
  }
}

/** Moves the tenant's counter to just before the next number it needs, and creates what is not there yet. */
async function seedProjects(database: TenantDatabase, { projects }: SeedTenant): Promise<void> {
  for (const [key, { name, description, tasks }] of Object.entries(projects)) {
    const number = Number(key);
    if (await database.project.findFirst({ where: { number } })) continue;
    await database.$transaction(async (transaction) => {
      const value = number - 1;
      await transaction.counter.createMany({ data: [{ kind: 'project', value }], skipDuplicates: true });
      await transaction.counter.updateMany({ where: { kind: 'project', value: { lt: value } }, data: { value } });
      const project = await transaction.project.create({ data: { name, description } });
      for (const title of tasks) await transaction.task.create({ data: { projectNumber: project.number, title } });
    });
  }
}
