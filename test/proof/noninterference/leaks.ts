import { TenantContext, type TenantIdentity } from '../../../src/isolation/context/index.js';
import { Transport } from '../../../src/isolation/queue/transport.js';
import { EventPublisher } from '../../../src/isolation/realtime/index.js';
import type { Answer } from '../../support/client.js';
import type { TestApp } from '../../support/test-app.js';
import { everything, workerComes, type Deeds } from './script.js';
import { nothing, type Between } from './world.js';

/** A leak that the check must find: it would be worth nothing if it could not fail. */
interface Leak {
  /** A few, so that it is soon found, and soon shrunk. */
  readonly deeds: Deeds;
  /** Called anew for each world. */
  readonly put: (testApp: TestApp) => Between;
  readonly remove?: (testApp: TestApp) => void;
}

const projects = everything.B.filter((name) => /^(GET|POST) \/api\/projects(\/:number)?$/.test(name));
const aboutProjects: Deeds = { A: projects, B: projects };
const aboutReports: Deeds = { A: ['POST /api/reports', workerComes], B: ['POST /api/reports'] };

export const leaks: Readonly<Record<string, Leak>> = {
  'numbers are counted for all tenants together': {
    deeds: aboutProjects,
    put: () => {
      let last = 0;
      return async (_, __, ask) => {
        const answer = await ask();
        if (answer.status !== 201 || answer.json?.number === undefined) return answer;
        last += 1;
        return says(answer, answer.text.replace(/"number":\d+/, `"number":${String(last)}`));
      };
    },
  },
  'answers are cached by their path': {
    deeds: aboutProjects,
    put: () => {
      const cached = new Map<string, Answer>();
      return async (_, path, ask) => {
        if (!path.startsWith('GET /api/projects')) return ask();
        const answer = cached.get(path) ?? (await ask());
        if (answer.status === 200) cached.set(path, answer);
        return answer;
      };
    },
  },
  'a list says how many there are of all tenants': {
    deeds: aboutProjects,
    put: () => {
      let total = 0;
      return async (step, _, ask) => {
        const answer = await ask();
        if (step.does === 'POST /api/projects' && answer.status === 201) total += 1;
        return step.does === 'GET /api/projects' ? says(answer, `${answer.text} of ${String(total)}`) : answer;
      };
    },
  },
  'a job is known by what it says, and sent once': {
    deeds: aboutReports,
    put: ({ get }) => {
      const transport = get(Transport);
      const known = new Set<string>();
      const isNew = (payload: string) => known.size < known.add(payload).size;
      transport.send = (jobs) =>
        Transport.prototype.send.call(
          transport,
          jobs.filter(({ data }) => isNew(data.payload)),
        );
      return nothing;
    },
    remove: ({ get }) => Reflect.deleteProperty(get(Transport), 'send'),
  },
  'events are told to whoever has made one': {
    deeds: aboutProjects,
    put: ({ get }) => {
      const [publisher, context] = [get(EventPublisher), get(TenantContext)];
      const everybody = new Map<string, TenantIdentity>();
      publisher.publish = async (event, payload) => {
        everybody.set(context.tenantId, context.identity);
        for (const identity of everybody.values())
          await context.run(identity, 'leak', () => EventPublisher.prototype.publish.call(publisher, event, payload));
      };
      return nothing;
    },
    remove: ({ get }) => Reflect.deleteProperty(get(EventPublisher), 'publish'),
  },
};

const says = (answer: Answer, text: string): Answer => ({ ...answer, text });
