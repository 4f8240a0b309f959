import { Injectable } from '@nestjs/common';
import { ProjectsService } from '../../src/features/projects/projects.service.js';
import { CanaryProbes, canaryProject, type CanaryProbe, type CanaryTurn } from '../../src/isolation/canary/index.js';
import { LeakyProjectCacheDoNotCopy } from './leaky-project-cache.do-not-copy.js';

/**
 * What the authors of the incident did not have: nothing that prevents anything, and the vulnerable code is as it
 * was. Its keys are the turn's number, which no project of the story has, and expire like any.
 */
@Injectable()
export class IncidentProbe implements CanaryProbe<undefined> {
  readonly layer = 'cache';
  readonly name = 'the incident’s project cache';

  constructor(
    private readonly leaky: LeakyProjectCacheDoNotCopy,
    private readonly projects: ProjectsService,
    probes: CanaryProbes,
  ) {
    probes.register(this);
  }

  async look({ number }: Pick<CanaryTurn, 'number'>): Promise<string> {
    return JSON.stringify(await this.leaky.wrap(number, () => this.projects.get(canaryProject)));
  }
}
