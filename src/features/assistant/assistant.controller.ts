import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { SendMessage, ThreadId } from './assistant.dto.js';
import { AssistantService } from './assistant.service.js';

/** Any member, a viewer too: a conversation is its user's own. Answers are never cached. */
@Controller('api/assistant/threads')
export class AssistantController {
  constructor(private readonly assistant: AssistantService) {}

  @Post()
  create() {
    return this.assistant.createThread();
  }

  @Get()
  list() {
    return this.assistant.listThreads();
  }

  @Get(':id')
  get(@Param('id', { schema: ThreadId }) id: string) {
    return this.assistant.getThread(id);
  }

  @Delete(':id')
  @HttpCode(204)
  delete(@Param('id', { schema: ThreadId }) id: string) {
    return this.assistant.deleteThread(id);
  }

  @Post(':id/messages')
  ask(@Param('id', { schema: ThreadId }) id: string, @Body({ schema: SendMessage }) { text }: SendMessage) {
    return this.assistant.ask(id, text);
  }
}
