import type { Prompt } from '../../isolation/memory/index.js';

/** What makes an answer of a prompt. It is given nothing else: no tenant, no user, nothing to ask for more with. */
export abstract class AnswerProvider {
  /** @throws ProblemError unavailable */
  abstract answer(prompt: Prompt): Promise<string>;
}
