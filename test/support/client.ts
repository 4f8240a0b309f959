/** An answer, read whole; of a stream of events, which has no end, the first. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body parsed as JSON; undefined when it is empty. */
  readonly json: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- tests assert its shape
}

/** Speaks to the application over HTTP, with a token or without. */
export class Client {
  constructor(
    private readonly baseUrl: string,
    readonly token?: string,
  ) {}

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('GET', path, undefined, headers);
  }
  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('POST', path, body, headers);
  }
  patch(path: string, body: unknown): Promise<Answer> {
    return this.send('PATCH', path, body);
  }
  delete(path: string): Promise<Answer> {
    return this.send('DELETE', path);
  }

  /** @param body sent as JSON; a string or a form is sent as it is */
  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(this.baseUrl + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body:
        body === undefined ? null : typeof body === 'string' || body instanceof FormData ? body : JSON.stringify(body),
    });
    const isEndless = response.headers.get('content-type') === 'text/event-stream';
    const text = isEndless ? await firstEvent(response) : await response.text();
    const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? (JSON.parse(text) as unknown) : undefined,
    };
  }
}

async function firstEvent({ body }: Response): Promise<string> {
  let text = '';
  for await (const chunk of body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes('\n\n')) break; // and by that, hang up
  }
  return text.slice(0, text.indexOf('\n\n') + 2);
}
