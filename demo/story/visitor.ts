import type { TenantIdentity } from '../../src/isolation/context/index.js';
import { seededPassword, seedTenants, type SeedTenant } from '../../prisma/seed.js';

/** What came back, and whose it is. */
export interface Answer {
  readonly status: number;
  /** The X-Cache header; null where nothing is cached. */
  readonly cache: string | null;
  readonly body: string;
  /** The tenant whose project is in the body, found by its name; undefined for none. */
  readonly owner: SeedTenant | undefined;
  /** The project's name, or the title of the problem. */
  readonly text: string;
}

/** Somebody of one tenant, logged in over HTTP like anyone else. */
export class Visitor {
  private constructor(
    readonly tenant: SeedTenant,
    private readonly baseUrl: string,
    private readonly token: string,
  ) {}

  /** As the token says. */
  get identity(): TenantIdentity {
    const payload = JSON.parse(Buffer.from(this.token.split('.')[1] ?? '', 'base64url').toString()) as Record<
      string,
      string
    >;
    const { sub = '', tenant = '', session = '' } = payload;
    return { userId: sub, tenantId: tenant, sessionId: session, role: 'admin' };
  }

  static async logIn(tenant: SeedTenant, baseUrl: string): Promise<Visitor> {
    const response = await fetch(`${baseUrl}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: tenant.members[0]?.email, password: seededPassword }),
    });
    if (!response.ok) throw new Error(`${tenant.name} cannot log in: ${await response.text()}`);
    const { access_token } = (await response.json()) as { access_token: string };
    return new Visitor(tenant, baseUrl, access_token);
  }

  async get(path: string): Promise<Answer> {
    const response = await fetch(this.baseUrl + path, { headers: { authorization: `Bearer ${this.token}` } });
    const body = await response.text();
    const { name, title } = JSON.parse(body) as { name?: string; title?: string };
    return {
      status: response.status,
      cache: response.headers.get('x-cache'),
      body,
      owner: seedTenants.find(({ projects }) => Object.values(projects).some((project) => project.name === name)),
      text: name ?? title ?? '',
    };
  }
}
