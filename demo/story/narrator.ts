import { styleText } from 'node:util';
import type { Answer, Visitor } from './visitor.js';

const shortName = ({ name }: { name: string }) => name.split(' ', 1)[0] ?? name;

type Style = Parameters<typeof styleText>[0];

/** Prints the story. Colours only where the terminal wants them. */
export class Narrator {
  #step = 0;

  heading(title: string): void {
    this.#print(`\n${this.#styled('bold', title)}`);
  }

  text(paragraph: string): void {
    this.#print(paragraph.replace(/^/gm, '   '));
  }

  /** One request: who asked for what, what came back, whose it is, and what Redis holds now that it did not before. */
  request(visitor: Visitor, request: string, answer: Answer, newKeys: readonly string[]): void {
    this.#step++;
    const { status, cache, owner, text } = answer;
    const isForeign = owner !== undefined && owner !== visitor.tenant;
    const whose = owner ? `${shortName(owner)}'s "${text}"` : text;
    const mark = isForeign ? this.#styled(['red', 'bold'], '  ← LEAK') : this.#styled('green', owner ? '  own' : '');
    const columns = [
      String(this.#step).padStart(4),
      shortName(visitor.tenant).padEnd(7),
      request.padEnd(50),
      String(status),
      (cache ?? '-').padEnd(4),
    ];
    this.#print(`${columns.join('  ')}  ${whose}${mark}`);
    for (const key of newKeys) this.#print(this.#styled('dim', `                 Redis now holds  ${key}`));
  }

  fact(isAsItShouldBe: boolean, fact: string): void {
    const mark = isAsItShouldBe ? this.#styled('green', '✔') : this.#styled(['red', 'bold'], '✘');
    this.#print(`   ${mark} ${fact}`);
  }

  /** What the application logs, without what would bury the story: stack traces, and what is the same in every record. */
  log(line: string): void {
    const { context, msg, layer, kind, subject, error } = JSON.parse(line) as Record<string, unknown>;
    const fields = JSON.stringify({
      layer,
      kind,
      subject,
      error: (error as { message?: string } | undefined)?.message,
    });
    this.#print(this.#styled('dim', `                 log: ${String(context)} ${String(msg)} ${fields}`));
  }

  #print(line: string): void {
    process.stdout.write(`${line}\n`);
  }

  #styled(style: Style, text: string): string {
    return styleText(style, text, { stream: process.stdout });
  }
}
