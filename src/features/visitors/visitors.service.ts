import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AccessTokens } from '../../isolation/http/index.js';
import { Attempts } from '../../isolation/limits/index.js';
import { Sessions, visitorLifetime } from '../../isolation/sessions/index.js';

export interface VisitorView {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Seconds; it cannot be refreshed. */
  readonly expires_in: number;
}

@Injectable()
export class VisitorsService {
  constructor(
    private readonly sessions: Sessions,
    private readonly tokens: AccessTokens,
    private readonly attempts: Attempts,
  ) {}

  /**
   * A visitor is a tenant of one: a person and a tenant that no table has, and a role below every
   * member's. So whatever keeps tenants apart keeps visitors apart, and nothing was added for them.
   * @param address of the client
   * @throws ProblemError too-many-requests
   */
  async open(address: string): Promise<VisitorView> {
    await this.attempts.openVisitor(address);
    const owner = { tenantId: randomUUID(), userId: randomUUID() };
    const role = 'visitor' as const;
    const { session } = await this.sessions.start(owner, () => Promise.resolve(role), { lifetime: visitorLifetime });
    const { absoluteSeconds } = visitorLifetime;
    const token = await this.tokens.issue({ ...session, role }, absoluteSeconds);
    return { access_token: token, token_type: 'Bearer', expires_in: absoluteSeconds };
  }
}
