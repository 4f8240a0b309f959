import { Controller, Get, Query } from '@nestjs/common';
import { Search } from './search.dto.js';
import { SearchService } from './search.service.js';

@Controller('api/search')
export class SearchController {
  constructor(private readonly search: SearchService) {}

  @Get()
  find(@Query({ schema: Search }) query: Search) {
    return this.search.search(query);
  }
}
