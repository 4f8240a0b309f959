import type { Redis } from 'ioredis';
import { ProblemError } from '../../../src/common/errors.js';
import type { SessionName } from '../../../src/isolation/sessions/index.js';
import { indexKey, memberOf, ownerKey, sessionKey } from '../../../src/isolation/sessions/session-keys.js';
import { Clock, contradictions, type Operation } from './register.js';

/** What a login was granted: the number of the password, and that of the role. Each change makes the next. */
export interface Rights {
  readonly password: number;
  readonly role: number;
}

/** A session, as whoever has it knows it. */
export interface SessionRecord {
  readonly name: SessionName;
  readonly rights: Rights;
  /** When its login was asked for, and answered. */
  readonly asked: number;
  readonly answered: number;
  /** Of the latest refresh token. */
  generation: number;
  isRefreshing: boolean;
  /** Writes and reads of what it keeps. */
  readonly kept: Operation[];
}

/** Something that ends sessions. */
interface Death {
  readonly covers: (session: SessionName) => boolean;
  /** What is granted from then on: a session with less ends, also one that was being opened. */
  readonly rights: Partial<Rights>;
  readonly asked: number;
  /** Infinity until then. */
  answered: number;
}

/** Who has died, by what was asked and answered when: who must have, and who may. And what contradicts that. */
export class SessionLedger {
  readonly wrong: string[] = [];
  readonly sessions: SessionRecord[] = [];
  readonly #deaths: Death[] = [];
  readonly #clock = new Clock();

  tick(): number {
    return this.#clock.tick();
  }

  /** Something is asked for that ends sessions. Its answer is to be noted. */
  die(covers: Death['covers'], rights: Partial<Rights> = {}): Death {
    const death = { covers, rights, asked: this.tick(), answered: Infinity };
    this.#deaths.push(death);
    return death;
  }

  /** Whether nobody who asks at `time`, or later, may find it alive. */
  mustBeDead({ name, rights, answered }: SessionRecord, time: number): boolean {
    return this.#deaths.some(
      (death) =>
        death.answered < time && death.covers(name) && (answered < death.asked || hasLess(rights, death.rights)),
    );
  }

  /** Whether something that has been asked for, other than `except`, can have ended it. */
  mayBeDead({ name, asked }: Pick<SessionRecord, 'name' | 'asked'>, except?: Death): boolean {
    return this.#deaths.some((death) => death !== except && death.covers(name) && death.answered > asked);
  }

  /** Asks for what only a living session is given. @returns undefined when it was refused */
  async ask<T>(session: SessionRecord, what: string, work: () => Promise<T>) {
    const asked = this.tick();
    try {
      const answer = await work();
      if (this.mustBeDead(session, asked)) this.wrong.push(`${what} found a session that had ended`);
      return { answer, asked, answered: this.tick() };
    } catch (error) {
      isSessionEnded(error);
      if (!this.mayBeDead(session)) this.wrong.push(`${what} was refused, and nobody ended the session`);
      return undefined;
    }
  }

  /** Compares with what is left, when nothing is under way any more; and takes that away. */
  async close(redis: Redis): Promise<void> {
    const now = this.tick();
    for (const session of this.sessions) {
      const { name, kept } = session;
      const isAlive = (await redis.hexists(sessionKey(name), 'generation')) === 1;
      if (!isAlive && !this.mayBeDead(session)) this.wrong.push('a session is gone that nobody ended');
      this.wrong.push(...contradictions(kept));
      if (!this.mustBeDead(session, now)) continue;
      if (isAlive) this.wrong.push('a session lives that had ended');
      else if (await redis.exists(sessionKey(name))) this.wrong.push('something is left of a session that had ended');
      if (await redis.zscore(indexKey(name.userId), memberOf(name))) this.wrong.push('an index has what had ended');
    }
    const keysOf = ({ name }: SessionRecord) => [sessionKey(name), indexKey(name.userId), ownerKey(name.sessionId)];
    await redis.unlink(this.sessions.flatMap(keysOf));
  }
}

function hasLess(rights: Rights, { password = 0, role = 0 }: Partial<Rights>): boolean {
  return rights.password < password || rights.role < role;
}

/** @throws what it is given, unless it says that the session has ended */
export function isSessionEnded(error: unknown): true {
  if (error instanceof ProblemError && error.code === 'session-ended') return true;
  throw error;
}
