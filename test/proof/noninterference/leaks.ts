import type { Answer } from '../../support/client.js';
import type { Between } from './world.js';

/** Leaks that the check must find: it would be worth nothing if it could not fail. Each is made anew for each world. */
export const leaks: Readonly<Record<string, () => Between>> = {
  'numbers are counted for all tenants together': () => {
    let last = 0;
    return async (_, __, ask) => {
      const answer = await ask();
      if (answer.status !== 201 || answer.json?.number === undefined) return answer;
      last += 1;
      return says(answer, answer.text.replace(/"number":\d+/, `"number":${String(last)}`));
    };
  },
  'answers are cached by their path': () => {
    const cached = new Map<string, Answer>();
    return async (_, path, ask) => {
      if (!path.startsWith('GET /api/projects')) return ask();
      const answer = cached.get(path) ?? (await ask());
      if (answer.status === 200) cached.set(path, answer);
      return answer;
    };
  },
  'a list says how many there are of all tenants': () => {
    let total = 0;
    return async (step, _, ask) => {
      const answer = await ask();
      if (step.does === 'POST /api/projects' && answer.status === 201) total += 1;
      return step.does === 'GET /api/projects' ? says(answer, `${answer.text} of ${String(total)}`) : answer;
    };
  },
};

const says = (answer: Answer, text: string): Answer => ({ ...answer, text });
