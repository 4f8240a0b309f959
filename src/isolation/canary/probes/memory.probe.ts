import { Injectable } from '@nestjs/common';
import { ProblemError } from '../../../common/errors.js';
import { ConversationMemory } from '../../memory/index.js';
import { CanaryProbes, type CanaryProbe, type CanaryTurn } from '../canary-probes.js';

/** A conversation. The place is its thread, which stays: run by run the same one is read. */
@Injectable()
export class MemoryProbe implements CanaryProbe<string> {
  readonly layer = 'memory';
  readonly name = 'a conversation';

  constructor(
    private readonly memory: ConversationMemory,
    probes: CanaryProbes,
  ) {
    probes.register(this);
  }

  async plant(secret: string): Promise<string> {
    const [known] = await this.memory.list();
    if (known && (await this.#read(known.id)).includes(secret)) return known.id;
    if (known) await this.memory.delete(known.id);
    const id = await this.memory.create();
    await this.memory.append(id, { message: secret, answer: '', sources: [], at: new Date().toISOString() });
    return id;
  }

  async look({ own, other }: CanaryTurn<string>): Promise<string> {
    const shown = [await this.#read(own), await this.#read(other)];
    return JSON.stringify([shown, await this.memory.list()]);
  }

  /** Empty for a thread that is somebody else's, or no longer what it was. */
  async #read(threadId: string): Promise<string> {
    try {
      return JSON.stringify(await this.memory.read(threadId));
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'not-found') return '';
      throw error;
    }
  }
}
