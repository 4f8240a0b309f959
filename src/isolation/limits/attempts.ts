import type { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { ProblemError, tooManyRequests } from '../../common/errors.js';
import type { Mac } from '../../common/mac.js';
import type { SecurityEvents } from '../audit/index.js';
import type { TenantContext } from '../context/index.js';
import { attemptLimits, knownSeconds, type addressLimits, type AttemptLimit } from './attempt-limits.js';
import { clientBlock } from './client-block.js';

/** Keeps this room's keys apart from the other rooms' on the same server. */
const keyPrefix = 'v1:limit';

interface Counter {
  readonly limiter: RateLimiterRedis;
  readonly key: string;
}

/**
 * Counts what is tried before anybody's tenant is known. An attempt is counted before it is looked at:
 * counted afterwards, a thousand at the same moment would all be looked at. Every method throws ProblemError
 * too-many-requests, and sessions-unavailable when Redis does not answer: no session could be opened then, anyway.
 */
export class Attempts {
  readonly #limiters = new Map<AttemptLimit, RateLimiterRedis>();

  /** @param mac makes keys of what is counted: from a hash without a secret an e-mail can be guessed */
  constructor(
    private readonly redis: Redis,
    private readonly fromAddress: ReturnType<typeof addressLimits>,
    private readonly mac: Mac,
    private readonly context: TenantContext,
    private readonly events: SecurityEvents,
  ) {
    for (const limit of [...Object.values(attemptLimits), ...Object.values(fromAddress)])
      this.#limiters.set(limit, limiterOf(redis, limit));
  }

  /**
   * Runs `check`, and keeps the attempt counted if that throws wrong-credentials.
   *
   * Whoever has logged in from an address before is held there to the strictest limit only. So neither the
   * guesses that others make at their e-mail from elsewhere, nor those at others from their office, lock them out.
   */
  async login<T>(email: string, address: string, check: () => Promise<T>): Promise<T> {
    const block = clientBlock(address);
    const here = this.#counter(attemptLimits.loginHere, email, block);
    const knownKey = `${keyPrefix}:known:${this.mac.of(JSON.stringify([email, block]))}`;
    const isKnown = (await answered(this.redis.exists(knownKey))) > 0;
    const elsewhere = [this.#counter(this.fromAddress.loginsFrom, block), this.#counter(attemptLimits.login, email)];
    const result = await this.#counting(isKnown ? [here] : [here, ...elsewhere], check);
    await Promise.all([
      answered(here.limiter.delete(here.key)),
      answered(this.redis.set(knownKey, '', 'EX', knownSeconds)),
    ]);
    return result;
  }

  /** The same for the password of who is logged in: a stolen access token is not to find it out. */
  changePassword<T>(check: () => Promise<T>): Promise<T> {
    return this.#counting([this.#counter(attemptLimits.password, this.context.userId)], check);
  }

  refresh(sessionId: string): Promise<void> {
    return this.#count(this.#counter(attemptLimits.refresh, sessionId));
  }

  openVisitor(address: string): Promise<void> {
    return this.#count(this.#counter(this.fromAddress.visitorsFrom, clientBlock(address)));
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

  #counter(limit: AttemptLimit, ...of: readonly string[]): Counter {
    const limiter = this.#limiters.get(limit);
    if (!limiter) throw new Error(`The limit "${limit.name}" is not registered: see attempt-limits.ts.`);
    return { limiter, key: this.mac.of(JSON.stringify(of)) };
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
