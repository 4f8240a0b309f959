import { Controller, Post } from '@nestjs/common';
import { Public } from '../../isolation/http/index.js';
import { VisitorsService } from './visitors.service.js';

@Controller('api/visitors')
export class VisitorsController {
  constructor(private readonly visitors: VisitorsService) {}

  @Post()
  @Public('anyone may try it; the session is a new one, of nobody')
  open() {
    return this.visitors.open();
  }
}
