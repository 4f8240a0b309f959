import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { ProblemError, tooManyRequests } from '../../common/errors.js';
import { Mac } from '../../common/mac.js';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { SecurityEvents } from '../audit/index.js';
import { TenantContext } from '../context/index.js';
import { addressLimits, attemptLimits, knownSeconds, type AttemptLimit } from './attempt-limits.js';
import { clientBlock } from './client-block.js';

/** Keeps this room's keys apart from the other rooms' on the same server. */
const keyPrefix = 'v1:limit';

export const LIMITS_REDIS = Symbol('the Redis that attempts are counted in');

type LimitName = keyof typeof attemptLimits | keyof ReturnType<typeof addressLimits>;

interface Counter {
  readonly limiter: RateLimiterRedis;
  readonly key: string;
}

/**
 * Counts what is tried before anybody's tenant is known. An attempt is counted before it is looked at:
 * counted afterwards, a thousand at the same moment would all be looked at. Every method throws ProblemError
 * too-many-requests, and sessions-unavailable when Redis does not answer: no session could be opened then, anyway.
 */
@Injectable()
export class Attempts {
  readonly #limiters: Readonly<Record<LimitName, RateLimiterRedis>>;
  /** Makes keys of what is counted: from a hash without a secret an e-mail can be guessed. */
  readonly #mac: Mac;

  constructor(
    @Inject(LIMITS_REDIS) private readonly redis: Redis,
    @Inject(CONFIGURATION) { JWT_SECRET, LOGIN_FAILURES_PER_ADDRESS, VISITORS_PER_ADDRESS }: Configuration,
    private readonly context: TenantContext,
    private readonly events: SecurityEvents,
  ) {
    this.#mac = new Mac(`limits|${JWT_SECRET}`);
    const limits = { ...attemptLimits, ...addressLimits(LOGIN_FAILURES_PER_ADDRESS, VISITORS_PER_ADDRESS) };
    const limiters = Object.entries(limits).map(([name, limit]) => [name, limiterOf(redis, limit)]);
    this.#limiters = Object.fromEntries(limiters) as Record<LimitName, RateLimiterRedis>;
  }

  /**
   * Runs `check`, and keeps the attempt counted if that throws wrong-credentials.
   *
   * Whoever has logged in from an address before is held there to the strictest limit only. So neither the
   * guesses that others make at their e-mail from elsewhere, nor those at others from their office, lock them out.
   */
  async login<T>(email: string, address: string, check: () => Promise<T>): Promise<T> {
    const block = clientBlock(address);
    const here = this.#counter('loginHere', email, block);
    const knownKey = `${keyPrefix}:known:${this.#mac.of(JSON.stringify([email, block]))}`;
    const isKnown = (await answered(this.redis.exists(knownKey))) > 0;
    const elsewhere = [this.#counter('loginsFrom', block), this.#counter('login', email)];
    const result = await this.#counting(isKnown ? [here] : [here, ...elsewhere], check);
    await Promise.all([
      answered(here.limiter.delete(here.key)),
      answered(this.redis.set(knownKey, '', 'EX', knownSeconds)),
    ]);
    return result;
  }

  /** The same for the password of who is logged in: a stolen access token is not to find it out. */
  changePassword<T>(check: () => Promise<T>): Promise<T> {
    return this.#counting([this.#counter('password', this.context.userId)], check);
  }

  refresh(sessionId: string): Promise<void> {
    return this.#count(this.#counter('refresh', sessionId));
  }

  openVisitor(address: string): Promise<void> {
    return this.#count(this.#counter('visitorsFrom', clientBlock(address)));
  }

  /** One after the other: what the first turns away must not use up the next, which others share. */
  async #counting<T>(counters: readonly Counter[], check: () => Promise<T>): Promise<T> {
    for (const counter of counters) await this.#count(counter);
    const giveBack = () => Promise.all(counters.map(({ limiter, key }) => answered(limiter.reward(key))));
    try {
      const result = await check();
      await giveBack();
      return result;
    } catch (error) {
      if (!isWrong(error)) await giveBack();
      throw error;
    }
  }

  async #count({ limiter, key }: Counter): Promise<void> {
    try {
      await answered(limiter.consume(key));
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      if (error.consumedPoints === limiter.points + 1)
        // once in each window: the alarm is not to be flooded, either
        this.events.record({ layer: 'limits', kind: 'too many attempts', subject: limiter.keyPrefix });
      throw tooManyRequests(error.msBeforeNext);
    }
  }

  #counter(limit: LimitName, ...of: readonly string[]): Counter {
    return { limiter: this.#limiters[limit], key: this.#mac.of(JSON.stringify(of)) };
  }
}

function limiterOf(redis: Redis, { name, attempts, seconds }: AttemptLimit): RateLimiterRedis {
  return new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: `${keyPrefix}:${name}`,
    points: attempts,
    duration: seconds,
    rejectIfRedisNotReady: true,
  });
}

const isWrong = (error: unknown) => error instanceof ProblemError && error.code === 'wrong-credentials';

/** What a limiter rejects with is an answer, too. */
async function answered<T>(command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch (error) {
    if (error instanceof RateLimiterRes) throw error;
    throw new ProblemError('sessions-unavailable', {}, { cause: error });
  }
}
