import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TokenExpiry } from '../../isolation/http/index.js';
import { EventSubscriptions } from '../../isolation/realtime/index.js';
import { EventStream } from './event-stream.js';

@Controller('api/events')
export class EventsController {
  constructor(private readonly subscriptions: EventSubscriptions) {}

  @Get()
  async listen(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @TokenExpiry() expiry: Date): Promise<void> {
    const stream = new EventStream(request, reply);
    if (request.method === 'HEAD') stream.describe();
    else stream.onClose(await this.subscriptions.listen(stream, expiry));
  }
}
