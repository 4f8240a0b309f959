import { Injectable } from '@nestjs/common';
import { SecurityEvents } from '../audit/index.js';
import { TenantContext } from '../context/index.js';

/** Whose a text is: a tenant's, or a user's in a tenant. */
export interface Owner {
  readonly tenantId: string;
  readonly userId?: string;
}

export interface PromptPart {
  /** As the row or the seal says that the text was read from, never as the one who writes the prompt believes. */
  readonly owner: Owner;
  readonly kind: 'question' | 'source' | 'exchange';
  readonly text: string;
}

/** About 6,000 tokens. */
const maximumCharacters = 24_000;

/** What a provider is given. Only PromptBuilder makes one: the class itself does not leave this room. */
export class Prompt {
  readonly #parts: readonly PromptPart[];

  constructor(parts: readonly PromptPart[]) {
    this.#parts = parts;
  }

  /** The texts of one kind, in the order in which they were given. */
  texts(kind: PromptPart['kind']): string[] {
    return this.#parts.filter((part) => part.kind === kind).map(({ text }) => text);
  }
}

/** Makes prompts that hold nothing but the caller's own. It keeps none of the parts, so that no request can leave some to the next. */
@Injectable()
export class PromptBuilder {
  constructor(
    private readonly context: TenantContext,
    private readonly events: SecurityEvents,
  ) {}

  /**
   * @param parts the most important first: from where they get too long on, the rest is left out
   * @throws Error for a part of another tenant, or of another user, also where it would have been left out
   */
  build(parts: readonly PromptPart[]): Prompt {
    for (const { owner, kind } of parts) if (!this.#isOwn(owner)) this.#refuse(kind);
    let length = 0;
    const tooLong = parts.findIndex(({ text }) => (length += text.length) > maximumCharacters);
    return new Prompt(tooLong === -1 ? [...parts] : parts.slice(0, tooLong));
  }

  #isOwn({ tenantId, userId }: Owner): boolean {
    return tenantId === this.context.tenantId && (userId === undefined || userId === this.context.userId);
  }

  #refuse(kind: string): never {
    this.events.record({ layer: 'memory', kind: 'foreign prompt part', subject: kind });
    throw new Error(`A prompt was given a part (${kind}) that belongs to somebody else.`);
  }
}
