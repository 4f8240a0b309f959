import { race, type Target } from '../../harness.js';
import type { Pace } from '../../options.js';
import type { Row } from '../../report.js';
import type { Answer } from '../keep-alive-connection.js';
import { serverMeter } from '../server-process.js';
import { Client, type Question, type Way } from './client.js';

/** A race of several ways to answer the same questions. */
export interface Course {
  readonly title: string;
  readonly ways: readonly Way[];
  readonly nextQuestion: () => Question;
  readonly targets: readonly Target[];
}

/** @throws Error when an answer is wrong, or not the one that the others give */
export async function run(
  { ways, nextQuestion, targets }: Course,
  inFlight: number,
  pace: Pace,
): Promise<readonly Row[]> {
  const clients = await Promise.all(ways.map((way) => Client.open(way, inFlight)));
  try {
    await assertAlike(clients, nextQuestion());
    const contestants = clients.map((client) => ({
      name: client.way.name,
      operate: async (slot: number) => {
        await client.ask(slot, nextQuestion());
      },
    }));
    const servers = new Set(ways.map(({ server }) => server));
    return await race({ contestants, inFlight, targets, meters: [serverMeter([...servers])] }, pace);
  } finally {
    for (const client of clients) client.close();
  }
}

/** Nobody is to be faster for a field or a header less. */
async function assertAlike(clients: readonly Client[], question: Question): Promise<void> {
  const answers = await Promise.all(clients.map((client) => client.ask(0, question)));
  const [first = '', ...others] = answers.map(comparable);
  const different = others.findIndex((other) => other !== first);
  if (different >= 0) {
    const name = clients[different + 1]?.way.name ?? '';
    throw new Error(`"${name}" gives another answer than the first:\n${others[different] ?? ''}\n\n${first}`);
  }
  const tags = new Map(clients.map(({ way }, index) => [way.path, tagOf(answers[index])]));
  const wrong = clients.find(({ way }, index) => tagOf(answers[index]) !== tags.get(way.path));
  if (wrong) throw new Error(`"${wrong.way.name}" gives another entity tag than others at ${wrong.way.path}.`);
}

const tag = /^etag: "[\w-]{43}"$/m;
const tagOf = (answer: Answer | undefined): string | undefined => tag.exec(answer?.head ?? '')?.[0];

/** The answer without what differs from one request to the next, or is a MAC over the path; headers in any order. */
function comparable({ head, body }: Answer): string {
  const [status = '', ...headers] = head.split('\r\n');
  const fixed = headers.filter((header) => !/^(date|x-request-id):/.test(header));
  return [status, ...fixed.toSorted(), '', body].join('\n').replace(tag, 'etag');
}
