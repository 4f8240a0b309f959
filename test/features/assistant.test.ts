import { completion, startChatServer, type ChatServer } from '../support/chat-server.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { createWorld, type Person, type World } from '../support/world.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

const threads = '/api/assistant/threads';
const create = async (person: Person) => (await person.post(threads, undefined)).json.id as string;
const ask = async (person: Person, text: unknown, id?: string) =>
  person.post(`${threads}/${id ?? (await create(person))}/messages`, { text });

describe('without a provider configured', () => {
  it('answers with what the tenant’s projects and tasks say, names them, and gives the same answer again', async () => {
    const { admin, viewer } = world.acme;
    const { number } = (await admin.post('/api/projects', { name: 'Roof', description: 'The tiles arrive in March.' })).json as { number: number }; // prettier-ignore
    const task = (await admin.post(`/api/projects/${String(number)}/tasks`, { title: 'Order the ladder' })).json as { number: number }; // prettier-ignore
    const { status, json } = await ask(viewer, 'When do the tiles arrive?');
    expect(status).toBe(201);
    expect(json).toMatchObject({ message: 'When do the tiles arrive?', sources: [{ project: number }] });
    expect(json.answer).toContain('The tiles arrive in March');
    expect((await ask(viewer, 'When do the tiles arrive?')).json.answer).toBe(json.answer);
    expect((await ask(viewer, 'who orders ladders?')).json).toMatchObject({
      sources: [{ project: number, task: task.number }],
      answer: expect.stringContaining('Order the ladder'),
    });
  });

  it('finds a project by its number, and what was changed as it is now', async () => {
    const { admin } = world.globex;
    const { number } = (await admin.post('/api/projects', { name: 'Umbrella', description: 'blue' })).json as { number: number }; // prettier-ignore
    const first = await ask(admin, `What about umbrella ${String(number)}?`);
    expect(first.json.sources[0]).toEqual({ project: number });
    await admin.patch(`/api/projects/${String(number)}`, { description: 'crimson' });
    expect((await ask(admin, 'crimson?')).json.sources).toEqual([{ project: number }]);
    expect((await ask(admin, 'blue?')).json.sources).toEqual([]);
    await admin.delete(`/api/projects/${String(number)}`);
    expect((await ask(admin, 'crimson?')).json.sources).toEqual([]);
  });

  it.each([
    ['nothing but spaces', '   '],
    ['no word', '?!…'],
    ['words that every text has', 'what is the'],
    ['operators', "& | ! <-> :* ( ) ' \" -- or OR and not -x"],
    ['SQL', "'; DROP TABLE tenants; --"],
    ['the word or, alone and often', 'or or or or'],
    ['4,000 characters of one word', 'a'.repeat(4000)],
    ['a thousand words', Array.from({ length: 1000 }, (_, index) => `w${String(index)}`).join(' ').slice(0, 4000)],
    ['emoji and text from right to left', '👩‍👩‍👧‍👦 שלום مرحبا \u202e'],
  ])('a question of %s is answered, with nothing found', async (_, text) => {
    const answer = await ask(world.globex.viewer, text, await create(world.globex.viewer));
    expect([answer.status, answer.json.sources]).toEqual([201, []]);
    await clear(world.globex.viewer);
  }); // prettier-ignore
});

async function clear(person: Person) {
  const { items } = (await person.get(threads)).json as { items: { id: string }[] };
  await Promise.all(items.map(({ id }) => person.delete(`${threads}/${id}`)));
}

describe('a conversation', () => {
  it('is created, listed, read and deleted', async () => {
    const { viewer } = world.acme;
    await clear(viewer);
    const created = await viewer.post(threads, undefined);
    expect([created.status, Object.keys(created.json as object)]).toEqual([201, ['id']]);
    const id = created.json.id as string;
    expect((await viewer.get(`${threads}/${id}`)).json).toEqual({ id, exchanges: [] });
    const exchanges = [(await ask(viewer, 'first', id)).json, (await ask(viewer, 'second', id)).json];
    expect((await viewer.get(`${threads}/${id}`)).json).toEqual({ id, exchanges });
    expect((await viewer.get(threads)).json).toEqual({ items: [{ id, usedAt: expect.stringMatching(/^\d{4}-.+Z$/) }] });
    expect((await viewer.delete(`${threads}/${id}`)).status).toBe(204);
    expect((await viewer.delete(`${threads}/${id}`)).status).toBe(404);
    expect((await viewer.get(threads)).json).toEqual({ items: [] });
  });

  it.each<[string, unknown, number, string]>([
    ['an empty message', '', 400, 'invalid-input'],
    ['4,001 characters', 'a'.repeat(4001), 400, 'invalid-input'],
    ['a message with NUL', 'a\0', 400, 'invalid-input'],
    ['half a surrogate pair', '\ud800', 400, 'invalid-input'],
    ['no text', 7, 400, 'invalid-input'],
    ['a message of 1 MB', 'a'.repeat(1 << 20), 413, 'payload-too-large'],
  ])('refuses %s, and is as it was', async (_, text, status, code) => {
    const { member } = world.acme;
    const id = await create(member);
    expect(await ask(member, text, id)).toMatchObject({ status, json: { code } });
    expect((await member.get(`${threads}/${id}`)).json).toEqual({ id, exchanges: [] });
    expect((await ask(member, 'a'.repeat(4000), id)).status).toBe(201);
    await clear(member);
  });

  it.each(['1', 'x', '*', '..%2f', '00000000-0000-0000-0000-00000000000G'])('has a UUID: %s is none', async (id) => {
    for (const method of ['GET', 'DELETE'])
      expect((await world.acme.member.send(method, `${threads}/${id}`)).status).toBe(404);
  });
});

describe('with a provider', () => {
  let server: ChatServer;
  let providerApp: TestApp;
  let asker: Person;
  beforeAll(async () => {
    server = await startChatServer();
    Object.assign(process.env, {
      ASSISTANT_API_KEY: 'key',
      ASSISTANT_BASE_URL: server.baseUrl,
      ASSISTANT_MODEL: 'a-model',
      ASSISTANT_TIMEOUT_MS: '1000',
    });
    providerApp = await startTestApp();
    asker = (await createWorld(providerApp)).acme.member;
  });
  afterAll(async () => {
    for (const name of ['API_KEY', 'BASE_URL', 'MODEL', 'TIMEOUT_MS'])
      Reflect.deleteProperty(process.env, `ASSISTANT_${name}`);
    await providerApp.close();
    await server.close();
  });

  it('asks it once, with the question, the sources and the exchanges before it, oldest first', async () => {
    server.reply = ({ prompt }, response) => completion(response, `answer to ${prompt.question}`);
    const id = await create(asker);
    const before = server.received.length;
    for (const text of ['one', 'two', 'three'])
      expect((await ask(asker, text, id)).json.answer).toBe(`answer to ${text}`);
    const [, , last] = server.received.slice(before);
    expect(server.received).toHaveLength(before + 3);
    expect(last?.prompt.exchanges).toEqual(
      ['one', 'two'].map((text) => `Question: ${text}\nAnswer: answer to ${text}`),
    );
    expect(JSON.parse(last?.body ?? '')).toMatchObject({ model: 'a-model' });
  });

  it('cuts an answer that is longer than one may be, and leaves no half of a character', async () => {
    server.reply = (_, response) => completion(response, `a${'👍'.repeat(3000)}`);
    const { answer } = (await ask(asker, 'anything')).json as { answer: string };
    expect(answer).toHaveLength(4000);
    expect(answer.isWellFormed()).toBe(true);
  });

  it.each<[string, ChatServer['reply']]>([
    ['refuses the key', (_, response) => response.writeHead(401).end('{"error":{"message":"canary"}}')],
    ['has had enough', (_, response) => response.writeHead(429).end('{"error":{"message":"canary"}}')],
    ['fails', (_, response) => response.writeHead(500).end('canary')],
    ['answers with something else', (_, response) => response.writeHead(200).end('canary')],
    ['answers with no choice', (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices":[]}')],
    ['answers with nothing', (_, response) => completion(response, '')],
    ['answers with null', (_, response) => completion(response, null)],
    ['hangs up', (_, response) => response.destroy()],
    ['never answers', () => undefined],
    ['never ends its answer', (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{"choices":')],
  ])('that %s: 503, nothing is remembered, and neither question nor answer is logged', async (_, reply) => {
    const id = await create(asker);
    server.reply = reply;
    const before = providerApp.log.length;
    expect(await ask(asker, 'canary', id)).toMatchObject({ status: 503, json: { code: 'unavailable' } });
    expect(providerApp.log.length).toBeGreaterThan(before);
    expect(providerApp.log.slice(before).join()).not.toContain('canary');
    expect((await asker.get(`${threads}/${id}`)).json).toEqual({ id, exchanges: [] });
    server.reply = (_request, response) => completion(response, 'well again');
    expect((await ask(asker, 'canary', id)).json).toMatchObject({ answer: 'well again' });
    await asker.delete(`${threads}/${id}`);
  }); // prettier-ignore

  it('whose answer comes when the conversation has been deleted: 404, and it is not brought back', async () => {
    const id = await create(asker);
    server.reply = (_, response) => {
      void asker.delete(`${threads}/${id}`).then(() => completion(response, 'too late'));
    };
    expect((await ask(asker, 'anything', id)).status).toBe(404);
    expect((await asker.get(`${threads}/${id}`)).status).toBe(404);
  });
});
