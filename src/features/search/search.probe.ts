import { Injectable } from '@nestjs/common';
import { CanaryProbes, type CanaryProbe } from '../../isolation/canary/index.js';
import { SearchService } from './search.service.js';

/** The word that both tenants' projects have; what is found says the secret of one. */
@Injectable()
export class SearchProbe implements CanaryProbe<undefined> {
  readonly layer = 'database';
  readonly name = 'what a search finds';

  constructor(
    private readonly search: SearchService,
    probes: CanaryProbes,
  ) {
    probes.register(this);
  }

  async look(): Promise<string> {
    return JSON.stringify(await this.search.find('Canary', 20));
  }
}
