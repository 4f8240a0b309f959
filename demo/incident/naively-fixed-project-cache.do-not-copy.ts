import { Inject, Injectable } from '@nestjs/common';
import type { Cache } from 'cache-manager';
import { TenantContext } from '../../src/isolation/context/index.js';
import { INCIDENT_CACHE, incidentKeyPrefix } from './incident-cache.js';

const ttlMs = 300_000;

/**
 * VULNERABLE, as it was a week later. The key that leaked has the tenant now, so that leak is closed.
 * Keys are still strings that anyone composes, so the next one is written like the last one was.
 */
@Injectable()
export class NaivelyFixedProjectCacheDoNotCopy {
  constructor(
    @Inject(INCIDENT_CACHE) private readonly cache: Cache,
    private readonly context: TenantContext,
  ) {}

  wrapProject<T>(number: number, load: () => Promise<T>): Promise<{ isHit: boolean; value: T }> {
    return this.#wrap(`${this.context.tenantId}:project:${String(number)}`, load);
  }

  /** The feature of the next sprint, by somebody who was not there. */
  wrapSummary<T>(number: number, load: () => Promise<T>): Promise<{ isHit: boolean; value: T }> {
    return this.#wrap(`project-summary:${String(number)}`, load);
  }

  async #wrap<T>(key: string, load: () => Promise<T>): Promise<{ isHit: boolean; value: T }> {
    let isHit = true;
    const value = await this.cache.wrap(
      `${incidentKeyPrefix}${key}`,
      () => {
        isHit = false;
        return load();
      },
      ttlMs,
    );
    return { isHit, value };
  }
}
