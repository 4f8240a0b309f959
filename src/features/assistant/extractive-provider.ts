import type { Prompt } from '../../isolation/memory/index.js';
import { AnswerProvider } from './answer-provider.js';

/** Answers with what was found, word for word: no network, and the same answer to the same prompt. */
export class ExtractiveProvider extends AnswerProvider {
  override answer(prompt: Prompt): Promise<string> {
    const sources = prompt.texts('source');
    const answer =
      sources.length === 0
        ? 'Nothing in your projects and tasks has to do with that.'
        : ['Your projects and tasks say:', ...sources].join('\n\n');
    return Promise.resolve(answer);
  }
}
