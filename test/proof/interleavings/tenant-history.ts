import type { Answer } from '../../support/client.js';
import { contradictions, type Operation } from './register.js';

/** A request of a tenant's, from when it was sent until it was answered. */
export interface Sent extends Pick<Operation, 'asked' | 'answered'> {
  readonly does: 'read' | 'list' | 'create' | 'update' | 'delete';
  readonly kind: 'project' | 'task';
  /** Of what it names, if it names one. */
  readonly number: number;
  /** What it writes, if it does. */
  readonly value: string;
}

interface Item {
  readonly number: number;
  readonly name?: string;
  readonly title?: string;
}

const expected = { read: 200, list: 200, create: 201, update: 200, delete: 204 } as const;
const nothing = 'nothing';

/** What a tenant was answered. Each thing is a register: of its text, or of there being nothing under its number. */
export class TenantHistory {
  readonly #things = new Map<string, Operation[]>();
  readonly #created: Record<Sent['kind'], number[]> = { project: [], task: [] };
  readonly #lists: (Sent & { readonly items: readonly Item[] })[] = [];
  readonly #wrong: string[] = [];

  /** @param marker stands in every text of this tenant, and `foreign` in those of the other */
  constructor(
    readonly marker: string,
    private readonly foreign: string,
  ) {}

  note(sent: Sent, { status, text, json }: Answer): void {
    const { does, kind, value } = sent;
    if (text.includes(this.foreign)) this.#wrong.push(`${does} ${kind}: the other tenant's ${text}`);
    const named = this.#thing(kind, sent.number);
    if (status === 404 && does !== 'create' && does !== 'list') named.push({ ...sent, kind: 'read', value: nothing });
    else if (status !== expected[does]) this.#wrong.push(`${does} ${kind}: ${String(status)} ${text}`);
    else if (does === 'list') this.#lists.push({ ...sent, items: (json as { items: Item[] }).items });
    else if (does === 'delete') named.push({ ...sent, kind: 'write', value: nothing });
    else if (does === 'read') named.push({ ...sent, kind: 'read', value: textOf(json as Item) });
    else {
      const { number } = json as Item;
      if (textOf(json as Item) !== value) this.#wrong.push(`${does} ${kind}: not what was sent, but ${text}`);
      if (does === 'create') this.#created[kind].push(number);
      this.#thing(kind, number).push({ ...sent, kind: 'write', value });
    }
  }

  /** @returns what contradicts what was answered before, or at the same time */
  contradictions(): string[] {
    for (const { kind, items } of this.#lists) for (const { number } of items) this.#thing(kind, number);
    for (const [name, operations] of this.#things)
      for (const list of this.#lists) {
        const item = list.items.find(({ number }) => nameOf(list.kind, number) === name);
        if (name.startsWith(list.kind))
          operations.push({ ...list, kind: 'read', value: item ? textOf(item) : nothing });
      }
    const numbers = Object.values(this.#created).map((each) => each.toSorted((a, b) => a - b));
    const areCounted = numbers.every((each) => each.every((number, index) => number === index + 1));
    return [
      ...this.#wrong,
      ...(areCounted ? [] : [`numbers were not counted from 1: ${JSON.stringify(numbers)}`]),
      ...[...this.#things].flatMap(([name, operations]) => [
        ...contradictions(operations).map((each) => `${name}: ${each}`),
        ...revivals(operations).map((each) => `${name}: ${each}`),
      ]),
    ];
  }

  #thing(kind: Sent['kind'], number: number): Operation[] {
    const name = nameOf(kind, number);
    const known = this.#things.get(name) ?? [{ kind: 'write', value: nothing, asked: 0, answered: 0 }];
    this.#things.set(name, known);
    return known;
  }
}

const nameOf = (kind: Sent['kind'], number: number): string => `${kind} ${String(number)}`;
const textOf = ({ name, title }: Item): string => name ?? title ?? '';

/** What was written to something that had been deleted: nobody makes a thing of a number that there was. */
function revivals(operations: readonly Operation[]): string[] {
  const deletions = operations.filter(({ kind, value, asked }) => kind === 'write' && value === nothing && asked > 0);
  const isLate = ({ kind, value, asked }: Operation) =>
    kind === 'write' && value !== nothing && deletions.some(({ answered }) => answered < asked);
  return operations.filter(isLate).map(({ value }) => `"${value}" was written after it had been deleted`);
}
