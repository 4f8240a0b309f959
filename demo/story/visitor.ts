import type { TenantIdentity } from '../../src/isolation/context/index.js';
import { seededPassword, seedTenants, type SeedTenant } from '../../prisma/seed.js';

/** What came back, and whose it is. */
export interface Answer {
  readonly status: number;
  /** The X-Cache header; null where nothing is cached. */
  readonly cache: string | null;
  readonly body: string;
  /** The tenant whose projects are in the body, found by their names; undefined for none. */
  readonly owner: SeedTenant | undefined;
  /** The projects' names, or the title of the problem. */
  readonly text: string;
}

/** A project, a report, or a problem. */
interface Body {
  readonly name?: string;
  readonly title?: string;
  readonly status?: string;
  readonly projects?: readonly { readonly name: string }[];
  readonly result?: { readonly projects: readonly { readonly name: string }[] } | null;
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

  get(path: string): Promise<Answer> {
    return this.#send(path, {});
  }

  post(path: string, body: object): Promise<Answer> {
    return this.#send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async #send(
    path: string,
    request: { method?: string; headers?: Record<string, string>; body?: string },
  ): Promise<Answer> {
    const headers = { ...request.headers, authorization: `Bearer ${this.token}` };
    const response = await fetch(this.baseUrl + path, { ...request, headers });
    const body = await response.text();
    const { name, title, status, projects, result } = JSON.parse(body) as Body;
    const names = name === undefined ? (projects ?? result?.projects ?? []).map((project) => project.name) : [name];
    return {
      status: response.status,
      cache: response.headers.get('x-cache'),
      body,
      owner: seedTenants.find((tenant) =>
        Object.values(tenant.projects).some((project) => names.includes(project.name)),
      ),
      text: names.join(', ') || (title ?? status ?? ''),
    };
  }
}
