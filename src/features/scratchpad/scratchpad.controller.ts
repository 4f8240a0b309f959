import { Body, Controller, Get, HttpCode, Put } from '@nestjs/common';
import { MinimumRole } from '../../isolation/http/index.js';
import { sessionEntries, SessionStore } from '../../isolation/sessions/index.js';
import { Scratchpad } from './scratchpad.dto.js';

/** A text of the session's own, which visitors may have, too: to try how sessions are kept apart. */
@Controller('api/scratchpad')
@MinimumRole('visitor')
export class ScratchpadController {
  constructor(private readonly store: SessionStore) {}

  @Get()
  async get(): Promise<Scratchpad> {
    return { text: (await this.store.read(sessionEntries.scratchpad)) ?? '' };
  }

  @Put()
  @HttpCode(204)
  put(@Body({ schema: Scratchpad }) { text }: Scratchpad) {
    return this.store.write(sessionEntries.scratchpad, text);
  }
}
