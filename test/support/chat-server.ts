import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/** What the application sent over the network: the other end of the assistant's provider. */
export interface ChatRequest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The user message, parsed. */
  readonly prompt: { readonly sources: string[]; readonly exchanges: string[]; readonly question: string };
}

export interface ChatServer {
  readonly baseUrl: string;
  readonly received: ChatRequest[];
  /** How it answers; `completion` unless a test says otherwise. */
  reply: (request: ChatRequest, response: ServerResponse) => void;
  readonly close: () => Promise<void>;
}

interface ChatBody {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

/** A server that speaks OpenAI's chat completions, and answers with all that it was sent. */
export async function startChatServer(): Promise<ChatServer> {
  const received: ChatRequest[] = [];
  const server = createServer((incoming, response) => {
    void text(incoming).then((body) => {
      const { messages } = JSON.parse(body) as ChatBody;
      const content = messages.find(({ role }) => role === 'user')?.content ?? '';
      const prompt = JSON.parse(content) as ChatRequest['prompt'];
      const request = { url: incoming.url ?? '', headers: incoming.headers, body, prompt };
      received.push(request);
      chatServer.reply(request, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const chatServer: ChatServer = {
    baseUrl: `http://127.0.0.1:${String(port)}/v1`,
    received,
    reply: ({ prompt: { question, sources } }, response) => completion(response, JSON.stringify({ question, sources })),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return chatServer;
}

export function completion(response: ServerResponse, content: string | null): void {
  const message = { role: 'assistant', content, refusal: null };
  const choices = [{ index: 0, finish_reason: 'stop', logprobs: null, message }];
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion', created: 0, model: 'any', choices }));
}
