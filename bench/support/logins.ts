import { randomUUID } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import { readConfiguration } from '../../src/config/index.js';
import { SecurityEvents } from '../../src/isolation/audit/index.js';
import { TenantContext, type TenantIdentity } from '../../src/isolation/context/index.js';
import { AccessTokens } from '../../src/isolation/http/index.js';
import { Sessions } from '../../src/isolation/sessions/index.js';
import { SessionRedis } from '../../src/isolation/sessions/session-redis.js';

/** Longer than any run. Nobody ends these sessions: they expire. */
const lifetime = { idleSeconds: 3600, absoluteSeconds: 3600 };

/** Logs people in without their passwords. */
export class Logins {
  readonly #sessions: Sessions;

  private constructor(
    private readonly redis: SessionRedis,
    private readonly tokens: AccessTokens,
  ) {
    const context = new TenantContext();
    this.#sessions = new Sessions(redis, context, new SecurityEvents());
  }

  static async open(): Promise<Logins> {
    const configuration = readConfiguration(process.env);
    const { DURABLE_REDIS_URL, DURABLE_COMMAND_TIMEOUT_MS, JWT_SECRET } = configuration;
    const redis = await SessionRedis.connect(DURABLE_REDIS_URL, DURABLE_COMMAND_TIMEOUT_MS, false);
    return new Logins(redis, new AccessTokens(new JwtService({ secret: JWT_SECRET }), configuration));
  }

  /** @returns the access token of somebody in the tenant, whose session lives */
  async issueToken({ tenantId, role }: Pick<TenantIdentity, 'tenantId' | 'role'>): Promise<string> {
    const owner = { tenantId, userId: randomUUID() };
    const { session } = await this.#sessions.start(owner, () => Promise.resolve(), { lifetime });
    return this.tokens.issue({ ...session, role }, lifetime.idleSeconds);
  }

  close(): Promise<void> {
    return this.redis.close();
  }
}
