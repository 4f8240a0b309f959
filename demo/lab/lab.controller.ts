import { readFileSync } from 'node:fs';
import { Controller, Get, Header, HttpCode, Inject, Post } from '@nestjs/common';
import type { Cache } from 'cache-manager';
import type { RedisStore } from 'cache-manager-ioredis-yet';
import { TenantCache } from '../../src/isolation/cache/index.js';
import { Public } from '../../src/isolation/http/index.js';
import { INCIDENT_CACHE, incidentKeyPrefix } from '../incident/incident-cache.js';

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const page = read('lab.html');
const script = read('lab.client.js');

/** The page on which a person plays the incident by hand. */
@Controller()
export class LabController {
  constructor(
    @Inject(INCIDENT_CACHE) private readonly incidentCache: Cache<RedisStore>,
    private readonly cache: TenantCache,
  ) {}

  @Get()
  @Public('a page that holds nothing of a tenant')
  @Header('content-type', 'text/html; charset=utf-8')
  page() {
    return page;
  }

  @Get('lab.client.js')
  @Public('the script of that page')
  @Header('content-type', 'text/javascript; charset=utf-8')
  script() {
    return script;
  }

  /** Empties the incident's cache, and the application's as far as the caller's tenant goes. */
  @Post('lab/empty-caches')
  @HttpCode(204)
  async emptyCaches() {
    const { store } = this.incidentCache;
    const keys = await store.keys(`${incidentKeyPrefix}*`);
    if (keys.length > 0) await store.mdel(...keys);
    await this.cache.invalidateTenant();
  }
}
