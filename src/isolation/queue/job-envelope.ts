import { createHash, createSecretKey } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import { z } from 'zod';
import { uuid } from '../../common/validation.js';
import type { TenantIdentity } from '../context/index.js';
import { JobRefusal } from './job-refusal.js';

const algorithm = 'HS256';
const issuer = 'project-1041/dispatcher';
const audience = 'project-1041/worker';

const claims = z.object({
  jti: z.string(),
  sub: uuid,
  tenant: uuid,
  session: uuid,
  queue: z.string(),
  job: z.string(),
  row: uuid,
  run: z.int().positive(),
  payload: z.string(),
});
const delivered = z.object({ envelope: z.string(), payload: z.string() });

/** A run of an accepted job: one row of the outbox, in one repetition. */
export interface JobRun {
  readonly row: string;
  readonly run: number;
}

/** Who a job is for, and what it is. */
export interface AcceptedJob extends JobRun, Pick<TenantIdentity, 'tenantId' | 'userId' | 'sessionId'> {
  readonly job: string;
  readonly payload: unknown;
}

/** What travels through Redis. */
export interface SealedJob {
  readonly jobId: string;
  readonly name: string;
  readonly data: z.infer<typeof delivered>;
}

/** Says who a job is for in a way that nobody who can write into Redis can say it. */
export class JobEnvelopes {
  readonly #jwt: JwtService;

  constructor(
    secret: string,
    private readonly queue: string,
    private readonly lifetimeSeconds: number,
  ) {
    // A key object: given the secret as text, jsonwebtoken first tries to read a key out of it, each time.
    this.#jwt = new JwtService({ secret: createSecretKey(secret, 'utf8') });
  }

  seal({ tenantId, userId, sessionId, row, run, job, payload }: AcceptedJob): SealedJob {
    const text = JSON.stringify(payload);
    const jobId = jobIdOf(tenantId, row, run);
    const envelope = this.#jwt.sign(
      { tenant: tenantId, session: sessionId, queue: this.queue, job, row, run, payload: hash(text) },
      { algorithm, issuer, audience, subject: userId, jwtid: jobId, expiresIn: this.lifetimeSeconds },
    );
    return { jobId, name: job, data: { envelope, payload: text } };
  }

  /** @throws JobRefusal saying what is wrong, before any of it is believed */
  open(jobId: string | undefined, data: unknown): AcceptedJob {
    const parts = delivered.safeParse(data).data;
    if (!parts) throw new JobRefusal('malformed');
    const { sub, tenant, session, row, run, ...signed } = this.#verify(parts.envelope);
    if (signed.jti !== jobId || signed.queue !== this.queue) throw new JobRefusal('misplaced');
    if (signed.payload !== hash(parts.payload)) throw new JobRefusal('altered');
    const payload = JSON.parse(parts.payload) as unknown;
    return { tenantId: tenant, userId: sub, sessionId: session, row, run, job: signed.job, payload };
  }

  /** Algorithm, issuer and audience are ours to say, never the envelope's. */
  #verify(envelope: string): z.infer<typeof claims> {
    try {
      return claims.parse(this.#jwt.verify(envelope, { algorithms: [algorithm], issuer, audience }));
    } catch (error) {
      throw new JobRefusal(error instanceof Error && error.name === 'TokenExpiredError' ? 'expired' : 'forged');
    }
  }
}

/**
 * One id per run, and no two tenants with the same: BullMQ silently drops a job whose id it has. So a
 * job that is handed on twice is there once, and `report-1041` of one tenant cannot swallow another's.
 */
function jobIdOf(tenantId: string, row: string, run: number): string {
  return hash([tenantId, row, String(run)].join('|'));
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
