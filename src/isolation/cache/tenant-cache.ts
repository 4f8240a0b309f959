import { Injectable } from '@nestjs/common';
import { SecurityEvents, type ViolationOf } from '../audit/index.js';
import { TenantContext } from '../context/index.js';
import { cacheReads, inSpan } from '../logging/index.js';
import { assertRegistered, type CacheEntry, type CacheParams } from './cache-entries.js';
import { addressOf, tenantGenerationKey, userGenerationKey, type CacheAddress } from './cache-key.js';
import { EnvelopeSeal } from './envelope.js';
import { Generations, isComplete } from './generations.js';
import { RedisStore } from './redis-store.js';
import { SampledReads } from './sampled-reads.js';

const largestBody = 256 * 1024;

/** A cached value as it is stored. No body: what was loaded has no JSON. */
export interface CachedJson {
  readonly isHit: boolean;
  readonly body: string | undefined;
}

/** What one look at Redis found: a body, and its generations or those under which one may be stored (none: Redis is down). */
type Lookup =
  | { readonly body: string; readonly generations: readonly string[] }
  | { readonly body: undefined; readonly generations: readonly string[] | undefined };

/**
 * A cache whose keys start with the tenant of the context. Values are JSON; `undefined` and `null`
 * are never stored, because a stored absence would outlive the row's creation.
 *
 * When Redis does not answer, reads miss and writes are dropped: row-level security still decides
 * what the loader sees.
 */
@Injectable()
export class TenantCache {
  readonly #generations: Generations;
  readonly #flights = new Map<string, Promise<string | undefined>>();

  constructor(
    private readonly context: TenantContext,
    private readonly store: RedisStore,
    private readonly seal: EnvelopeSeal,
    private readonly events: SecurityEvents,
    private readonly sampledReads: SampledReads,
  ) {
    this.#generations = new Generations(store);
  }

  /** False while Redis does not answer, and everything is read from the database. */
  get isReachable(): boolean {
    return this.store.isReady;
  }

  async get<Params extends CacheParams>(entry: CacheEntry<Params>, params: Params): Promise<unknown> {
    const { body } = await this.#read(entry, this.#address(entry, params));
    return body === undefined ? undefined : JSON.parse(body);
  }

  async set<Params extends CacheParams>(entry: CacheEntry<Params>, params: Params, value: unknown): Promise<void> {
    const address = this.#address(entry, params);
    await this.#put(entry, address, await this.#generations.begin(address.generationKeys), toJson(value));
  }

  async delete<Params extends CacheParams>(entry: CacheEntry<Params>, params: Params): Promise<void> {
    const { key } = this.#address(entry, params);
    await this.store.delete(key);
  }

  /** The cached value, or that of `load`, which callers that miss at the same time share. */
  async wrap<Params extends CacheParams, Value>(
    entry: CacheEntry<Params>,
    params: Params,
    load: () => Promise<Value>,
  ): Promise<Value | undefined> {
    const { body } = await this.#wrap(entry, this.#address(entry, params), load);
    return body === undefined ? undefined : (JSON.parse(body) as Value);
  }

  /**
   * `wrap` without parsing what is only going to be sent on.
   * @param params as a route has them
   * @returns undefined when they are not the entry's: then nothing was looked up or loaded
   */
  async wrapJson(entry: CacheEntry, params: unknown, load: () => Promise<unknown>): Promise<CachedJson | undefined> {
    assertRegistered(entry);
    const { success, data } = entry.params.safeParse(params);
    return success ? this.#wrap(entry, addressOf(entry, data, this.context.identity), load) : undefined;
  }

  async #wrap(
    entry: Pick<CacheEntry, 'name' | 'ttlSeconds' | 'isSnapshot'>,
    address: CacheAddress,
    load: () => Promise<unknown>,
  ): Promise<CachedJson> {
    const lookup = await this.#read(entry, address);
    if (lookup.body !== undefined) {
      if (this.sampledReads.isNext() && !entry.isSnapshot) this.#compareLater(address, lookup, load);
      return { isHit: true, body: lookup.body };
    }
    if (!lookup.generations) return { isHit: false, body: toJson(await load()) };
    // Keyed by tenant (the key has it): keyed by the entry's name, two tenants' cold misses would share
    // one load without a single write to Redis. And by generation: after an invalidation nobody joins an older load.
    const flight = [address.key, ...lookup.generations].join(' ');
    const body = await (this.#flights.get(flight) ?? this.#launch(flight, entry, address, lookup.generations, load));
    return { isHit: false, body };
  }

  /**
   * Call it after the change is committed: it makes every entry that shows the thing unreadable.
   * @param entry any that shows it
   */
  async invalidateEntity<Params extends CacheParams>(entry: CacheEntry<Params>, params: Params): Promise<void> {
    await this.#generations.renew([this.#address(entry, params).entityGeneration]);
  }

  async invalidateTenant(): Promise<void> {
    await this.#generations.renew([tenantGenerationKey(this.context.tenantId)]);
  }

  /** All user-scoped entries of a user of the current tenant. */
  async invalidateUser(userId: string): Promise<void> {
    await this.#generations.renew([userGenerationKey(this.context.tenantId, userId)]);
  }

  #address<Params extends CacheParams>(entry: CacheEntry<Params>, params: Params): CacheAddress {
    assertRegistered(entry);
    return addressOf(entry, entry.params.parse(params), this.context.identity);
  }

  async #read({ name }: Pick<CacheEntry, 'name'>, address: CacheAddress): Promise<Lookup> {
    const lookup = await inSpan('cache read', { 'cache.entry': name }, () => this.#lookUp(address));
    const outcome = lookup.body !== undefined ? 'hit' : lookup.generations ? 'miss' : 'fallthrough';
    cacheReads.inc({ entry: name, outcome });
    return lookup;
  }

  /** One round trip: the entry and its generations; a second one only where a generation is not there yet. */
  async #lookUp(address: CacheAddress): Promise<Lookup> {
    const { key, generationKeys } = address;
    if (this.#generations.isAnyOverdue(generationKeys)) return { body: undefined, generations: undefined };
    const values = await this.store.read([key, ...generationKeys]);
    if (!values) return { body: undefined, generations: undefined };
    const [sealed, ...generations] = values;
    if (!isComplete(generations))
      return { body: undefined, generations: await this.#generations.begin(generationKeys) };
    return { body: sealed === undefined ? undefined : this.#open(sealed, address, generations), generations };
  }

  #open(sealed: string, address: CacheAddress, generations: readonly string[]): string | undefined {
    const envelope = this.seal.open(sealed);
    if (!envelope) {
      this.#refuse('forged envelope', address);
      return undefined;
    }
    if (envelope.tenantId !== address.tenantId || envelope.key !== address.key) {
      this.#refuse('misplaced envelope', address);
      return undefined;
    }
    return isEqual(envelope.generations, generations) ? envelope.body : undefined;
  }

  #refuse(kind: ViolationOf<'cache'>, { key }: CacheAddress): void {
    this.events.record({ layer: 'cache', kind, subject: key });
  }

  #compareLater(
    address: CacheAddress,
    { body, generations }: Extract<Lookup, { body: string }>,
    load: () => Promise<unknown>,
  ): void {
    this.sampledReads.compareLater({
      served: body,
      load: async () => toJson(await load()),
      isCurrent: async () => {
        const now = await this.#lookUp(address);
        return now.body === body && isEqual(now.generations, generations);
      },
      onDisagreement: async () => {
        this.#refuse('cache disagrees with database', address);
        await this.store.delete(address.key);
      },
    });
  }

  #launch(
    flight: string,
    entry: Pick<CacheEntry, 'ttlSeconds'>,
    address: CacheAddress,
    generations: readonly string[],
    load: () => Promise<unknown>,
  ): Promise<string | undefined> {
    const landing = (async () => {
      const body = toJson(await load());
      await this.#put(entry, address, generations, body);
      return body;
    })().finally(() => this.#flights.delete(flight));
    this.#flights.set(flight, landing);
    return landing;
  }

  /** Stores under the generations seen before loading: if one has moved since, the entry is never read. */
  async #put(
    { ttlSeconds }: Pick<CacheEntry, 'ttlSeconds'>,
    { tenantId, key }: CacheAddress,
    generations: readonly string[] | undefined,
    body: string | undefined,
  ): Promise<void> {
    if (body === undefined || body === 'null' || generations === undefined || body.length > largestBody) return;
    const sealed = this.seal.seal({ tenantId, key, generations, body });
    const ttlMs = Math.ceil(ttlSeconds * 1000 * (1 - Math.random() / 10));
    await this.store.write(key, sealed, ttlMs);
  }
}

/** JSON.stringify says it returns a string; for undefined it does not. */
function toJson(value: unknown): string | undefined {
  return JSON.stringify(value);
}

function isEqual(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}
