import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { notFound, ProblemError } from '../../common/errors.js';
import { SecurityEvents, type ViolationOf } from '../audit/index.js';
import { TenantContext } from '../context/index.js';
import { memoryEntries, type Exchange } from './memory-entries.js';
import { indexKey, threadKey } from './memory-keys.js';
import { MemoryRedis } from './memory-redis.js';
import * as scripts from './memory-scripts.js';
import { MemorySeal } from './memory-seal.js';
import type { Owner } from './prompt.js';

const entry = memoryEntries.conversation;
const ttlMs = entry.ttlSeconds * 1000;

export interface Thread {
  /** UUID. */
  readonly id: string;
  readonly usedAt: Date;
}

/** An exchange, and whose it is: as its seal says, not as the reader believes. */
export interface Remembered {
  readonly owner: Owner;
  readonly exchange: Exchange;
}

/**
 * The conversations of the context's user in the context's tenant. Nobody else's can be named: a thread id
 * is only ever a part of the caller's own keys. Every method throws `unavailable` when Redis does not answer,
 * and those that take a thread `not-found` when the caller has no such thread.
 */
@Injectable()
export class ConversationMemory {
  constructor(
    private readonly context: TenantContext,
    private readonly redis: MemoryRedis,
    private readonly seal: MemorySeal,
    private readonly events: SecurityEvents,
  ) {}

  /**
   * @returns the new thread's id
   * @throws ProblemError too-many-threads
   */
  async create(): Promise<string> {
    const id = randomUUID();
    const created = await this.redis.run(scripts.createThread, [this.#index], [ttlMs, id, entry.maximumThreads]);
    if (created === null) throw new ProblemError('too-many-threads');
    return id;
  }

  /** Last used first. */
  async list(): Promise<Thread[]> {
    const flat = z.array(z.string()).parse(await this.redis.run(scripts.listThreads, [this.#index], [ttlMs]));
    return flat.flatMap((id, at) => (at % 2 === 0 ? [{ id, usedAt: new Date(Number(flat[at + 1])) }] : []));
  }

  /** Oldest first. With one item that does not belong there, the whole thread is as if it were not. */
  async read(threadId: string): Promise<Remembered[]> {
    const items = await this.#run(scripts.readThread, threadId, []);
    return z
      .array(z.string())
      .parse(items)
      .map((item) => this.#open(item, this.#key(threadId)));
  }

  /** Question and answer are one item, so that two requests at once cannot part them, nor trimming. */
  async append(threadId: string, exchange: Exchange): Promise<void> {
    const { tenantId, userId } = this.context;
    const body = JSON.stringify(entry.item.parse(exchange));
    if (Buffer.byteLength(body) > entry.maximumItemBytes)
      throw new RangeError(`An item of a thread is larger than ${String(entry.maximumItemBytes)} bytes.`);
    const sealed = this.seal.seal({ tenantId, userId, key: this.#key(threadId), body });
    await this.#run(scripts.appendItem, threadId, [entry.maximumItems, sealed]);
  }

  async delete(threadId: string): Promise<void> {
    await this.#run(scripts.deleteThread, threadId, []);
  }

  async #run(script: string, threadId: string, values: readonly (string | number)[]): Promise<unknown> {
    const keys = [this.#index, this.#key(threadId)];
    const result = await this.redis.run(script, keys, [ttlMs, threadId, ...values]);
    if (result === null) throw notFound();
    return result;
  }

  #open(sealed: string, key: string): Remembered {
    const item = this.seal.open(sealed);
    if (!item) throw this.#refuse('forged item', key);
    const { tenantId, userId, body } = item;
    if (tenantId !== this.context.tenantId || userId !== this.context.userId || item.key !== key)
      throw this.#refuse('misplaced item', key);
    return { owner: { tenantId, userId }, exchange: entry.item.parse(JSON.parse(body)) };
  }

  #refuse(kind: ViolationOf<'memory'>, key: string): ProblemError {
    this.events.record({ layer: 'memory', kind, subject: key });
    return notFound();
  }

  get #index(): string {
    return indexKey(entry, this.context.identity);
  }

  #key(threadId: string): string {
    return threadKey(entry, this.context.identity, threadId);
  }
}
