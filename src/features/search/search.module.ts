import { Module } from '@nestjs/common';
import { SearchController } from './search.controller.js';
import { SearchProbe } from './search.probe.js';
import { SearchRepository } from './search.repository.js';
import { SearchService } from './search.service.js';

@Module({
  controllers: [SearchController],
  providers: [SearchService, SearchRepository, SearchProbe],
  exports: [SearchService],
})
export class SearchModule {}
