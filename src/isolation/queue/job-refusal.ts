import type { ViolationOf } from '../audit/index.js';

/** Why a job is not run, and is not tried again. */
export const refusals = {
  malformed: 'it has no envelope and payload',
  forged: 'its envelope was not signed by a dispatcher',
  misplaced: 'its envelope is that of another job or queue',
  altered: 'its payload is not the one that was signed',
  expired: 'its envelope has expired',
  unregistered: 'there is no such job',
  'wrong-payload': 'its payload is not what the job takes',
  inactive: 'the tenant or the member is no longer active',
  forbidden: 'the member no longer has the role it takes',
  'already-done': 'it has been done, or was never accepted',
} as const;
export type RefusalReason = keyof typeof refusals;

/** Those that nobody but an attacker brings about: the job would have run for somebody who did not add it. */
const crossings = { forged: 'forged job', misplaced: 'misplaced job', altered: 'altered job' } as const;

export class JobRefusal extends Error {
  override readonly name = 'JobRefusal';

  constructor(readonly reason: RefusalReason) {
    super(`The job is refused: ${refusals[reason]}.`);
  }

  /** The violation that it is, if it is one. */
  get crossing(): ViolationOf<'queue'> | undefined {
    return (crossings as Partial<Record<RefusalReason, ViolationOf<'queue'>>>)[this.reason];
  }
}
