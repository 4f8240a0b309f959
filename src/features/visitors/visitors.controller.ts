import { Controller, Ip, Post } from '@nestjs/common';
import { Public } from '../../isolation/http/index.js';
import { VisitorsService } from './visitors.service.js';

@Controller('api/visitors')
export class VisitorsController {
  constructor(private readonly visitors: VisitorsService) {}

  @Post()
  @Public('anyone may try it; the session is a new one, of nobody')
  open(@Ip() address: string) {
    return this.visitors.open(address);
  }
}
