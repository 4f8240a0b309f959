import type { INestApplication } from '@nestjs/common';
import { Redis } from 'ioredis';
import { seedTenants } from '../../prisma/seed.js';
import { CONFIGURATION, type Configuration } from '../../src/config/index.js';
import { TenantCache } from '../../src/isolation/cache/index.js';
import { TenantContext } from '../../src/isolation/context/index.js';
import { incidentKeyPrefix } from '../incident/incident-cache.js';
import type { Narrator } from './narrator.js';
import { Visitor, type Answer } from './visitor.js';

/** What the chapters play on: both tenants logged in, a look into Redis, and the narrator. */
export class Stage {
  private constructor(
    readonly app: INestApplication,
    private readonly baseUrl: string,
    readonly redis: Redis,
    readonly acme: Visitor,
    readonly globex: Visitor,
    readonly narrator: Narrator,
  ) {}

  static async set(app: INestApplication, baseUrl: string, narrator: Narrator): Promise<Stage> {
    const [acme, globex] = await Promise.all(seedTenants.map((tenant) => Visitor.logIn(tenant, baseUrl)));
    if (!acme || !globex) throw new Error('Two tenants are needed.');
    const redis = new Redis(app.get<Configuration>(CONFIGURATION).REDIS_URL);
    return new Stage(app, baseUrl, redis, acme, globex, narrator);
  }

  /** Asks, tells, and hands back what came. */
  async ask(visitor: Visitor, path: string): Promise<Answer> {
    const before = new Set(await this.#keys());
    const answer = await visitor.get(path);
    const newKeys = (await this.#keys()).filter((key) => !before.has(key));
    this.narrator.request(visitor, `GET ${path}`, answer, newKeys);
    return answer;
  }

  /** What anyone is told, without a token. */
  async askAnyone(path: string): Promise<{ readonly status: number; readonly body: string }> {
    const response = await fetch(this.baseUrl + path);
    return { status: response.status, body: await response.text() };
  }

  /** Has something made, tells, and hands back what came. */
  async order(visitor: Visitor, path: string, body: object): Promise<Answer> {
    const answer = await visitor.post(path, body);
    this.narrator.request(visitor, `POST ${path}`, answer, []);
    return answer;
  }

  /** Both tenants ask in the same instant. */
  async askTogether(path: string): Promise<readonly [acme: Answer, globex: Answer]> {
    const answers = await Promise.all([this.acme.get(path), this.globex.get(path)]);
    this.narrator.request(this.acme, `GET ${path}`, answers[0], []);
    this.narrator.request(this.globex, `GET ${path}`, answers[1], []);
    return answers;
  }

  /** Empties both caches of what an earlier telling left behind. */
  async clearCaches(): Promise<void> {
    const keys = await this.redis.keys(`${incidentKeyPrefix}*`);
    if (keys.length > 0) await this.redis.del(...keys);
    for (const visitor of [this.acme, this.globex]) {
      await this.as(visitor, () => this.app.get(TenantCache).invalidateTenant());
    }
  }

  /** Runs code of the application in the visitor's tenant. */
  async as<T>(visitor: Visitor, work: () => Promise<T>): Promise<T> {
    return this.app.get(TenantContext).run(visitor.identity, 'demo', work);
  }

  leave(): void {
    this.redis.disconnect();
  }

  async #keys(): Promise<string[]> {
    const keys: string[] = [];
    for await (const batch of this.redis.scanStream({ count: 1000 })) keys.push(...(batch as string[]));
    return keys.filter((key) => key.startsWith(incidentKeyPrefix) || key.includes(':entry:')).sort();
  }
}
