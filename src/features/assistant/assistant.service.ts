import { Injectable } from '@nestjs/common';
import { TenantContext } from '../../isolation/context/index.js';
import {
  ConversationMemory,
  PromptBuilder,
  type Exchange,
  type PromptPart,
  type Remembered,
  type Thread,
} from '../../isolation/memory/index.js';
import type { FoundRow } from '../search/search.dto.js';
import { SearchService } from '../search/search.service.js';
import { AnswerProvider } from './answer-provider.js';
import { maximumCharacters } from './assistant.dto.js';

const maximumSources = 5;

@Injectable()
export class AssistantService {
  constructor(
    private readonly context: TenantContext,
    private readonly memory: ConversationMemory,
    private readonly search: SearchService,
    private readonly prompts: PromptBuilder,
    private readonly provider: AnswerProvider,
  ) {}

  async createThread(): Promise<{ id: string }> {
    return { id: await this.memory.create() };
  }

  async listThreads(): Promise<{ items: Thread[] }> {
    return { items: await this.memory.list() };
  }

  async getThread(id: string): Promise<{ id: string; exchanges: Exchange[] }> {
    const remembered = await this.memory.read(id);
    return { id, exchanges: remembered.map(({ exchange }) => exchange) };
  }

  deleteThread(id: string): Promise<void> {
    return this.memory.delete(id);
  }

  async ask(threadId: string, message: string): Promise<Exchange> {
    const remembered = await this.memory.read(threadId);
    const rows = await this.search.find(message, maximumSources);
    const { tenantId, userId } = this.context;
    const prompt = this.prompts.build([
      { owner: { tenantId, userId }, kind: 'question', text: message },
      ...rows.map(sourcePart),
      ...remembered.toReversed().map(exchangePart),
    ]);
    const answer = (await this.provider.answer(prompt)).slice(0, maximumCharacters).toWellFormed();
    const exchange = { message, answer, sources: rows.map(sourceOf), at: new Date().toISOString() };
    await this.memory.append(threadId, exchange);
    return exchange;
  }
}

function sourcePart({ tenantId, kind, number, projectNumber, status, title, extract }: FoundRow): PromptPart {
  const place = kind === 'task' ? ` of project ${String(projectNumber)}` : '';
  const heading = `${kind === 'task' ? 'Task' : 'Project'} ${String(number)}${place} (${status}): ${title}`;
  return { owner: { tenantId }, kind: 'source', text: extract === '' ? heading : `${heading}\n${extract}` };
}

function exchangePart({ owner, exchange: { message, answer } }: Remembered): PromptPart {
  return { owner, kind: 'exchange', text: `Question: ${message}\nAnswer: ${answer}` };
}

function sourceOf({ kind, number, projectNumber }: FoundRow): Exchange['sources'][number] {
  return kind === 'task' ? { project: projectNumber, task: number } : { project: number };
}
