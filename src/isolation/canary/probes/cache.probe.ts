import { Injectable } from '@nestjs/common';
import { cacheEntries, TenantCache } from '../../cache/index.js';
import { TenantDatabase } from '../../database/index.js';
import { CanaryProbes, type CanaryProbe, type CanaryTurn } from '../canary-probes.js';
import { canaryProject } from '../canary-tenants.js';

/** Each number has generations, which stay for a week: so there are not more than these. */
const numbers = 1000;

/** Entries of both scopes under one number. They live for less than there is between two runs. */
@Injectable()
export class CacheProbe implements CanaryProbe<undefined> {
  readonly layer = 'cache';
  readonly name = 'entries of tenant and user';

  constructor(
    private readonly cache: TenantCache,
    private readonly database: TenantDatabase,
    probes: CanaryProbes,
  ) {
    probes.register(this);
  }

  async look({ number }: Pick<CanaryTurn, 'number'>): Promise<string> {
    const params = { number: 1 + (number % numbers) };
    const load = () =>
      this.database.project.findFirst({ where: { number: canaryProject }, select: { description: true } });
    const entries = [cacheEntries.canary, cacheEntries.canaryOfUser];
    return JSON.stringify(await Promise.all(entries.map((entry) => this.cache.wrap(entry, params, load))));
  }
}
