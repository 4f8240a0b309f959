import { Inject, Injectable } from '@nestjs/common';
import type { Cache } from 'cache-manager';
import { INCIDENT_CACHE, incidentKeyPrefix } from './incident-cache.js';

const ttlMs = 300_000;

/**
 * VULNERABLE, as it was on the day. The loader's query is scoped by tenant and correct, and project
 * numbers count from 1 in every tenant; the key has the number, and not the tenant.
 */
@Injectable()
export class LeakyProjectCacheDoNotCopy {
  constructor(@Inject(INCIDENT_CACHE) private readonly cache: Cache) {}

  async wrap<T>(number: number, load: () => Promise<T>): Promise<{ isHit: boolean; value: T }> {
    let isHit = true;
    const value = await this.cache.wrap(
      `${incidentKeyPrefix}project:${String(number)}`,
      () => {
        isHit = false;
        return load();
      },
      ttlMs,
    );
    return { isHit, value };
  }
}
