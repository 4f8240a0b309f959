import { SecurityEvents } from '../../../src/isolation/audit/index.js';
import { PromptBuilder, type Owner, type PromptPart } from '../../../src/isolation/memory/index.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';

let testApp: TestApp;
let world: World;
let events: SecurityEvents;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
  events = testApp.get(SecurityEvents);
});
afterAll(() => testApp.close());

const build = (parts: readonly PromptPart[]) => world.acme.member.run(() => testApp.get(PromptBuilder).build(parts));
const refusals = () => events.count('memory', 'foreign prompt part');
const tenantsOwn = (): Owner => ({ tenantId: world.acme.id });
const usersOwn = (): Owner => ({ tenantId: world.acme.id, userId: world.acme.member.identity.userId });

const foreign: [string, () => Owner][] = [
  ['another tenant', () => ({ tenantId: world.globex.id })],
  ['a user of another tenant', () => world.globex.member.identity],
  ['another user of the tenant', () => ({ tenantId: world.acme.id, userId: world.acme.admin.identity.userId })],
  ['the user, in another tenant', () => ({ ...usersOwn(), tenantId: world.globex.id })],
  ['nobody', () => ({ tenantId: '' })],
  ['a user without a name', () => ({ tenantId: world.acme.id, userId: '' })],
];

describe.each(['question', 'source', 'exchange'] as const)('a prompt with a %s', (kind) => {
  it.each(foreign)('of %s is refused with a security event that does not show it', async (_, ownerOf) => {
    const before = refusals();
    const parts: PromptPart[] = [
      { owner: usersOwn(), kind, text: 'own' },
      { owner: ownerOf(), kind, text: 'canary' },
      { owner: tenantsOwn(), kind, text: 'own' },
    ];
    await expect(build(parts)).rejects.toThrow(/belongs to somebody else/);
    expect(refusals()).toBe(before + 1);
    expect(testApp.log.at(-1)).toContain('foreign prompt part');
    expect(testApp.log.at(-1)).not.toContain('canary');
  });

  it('of the tenant or the user is made', async () => {
    const before = refusals();
    const prompt = await build([
      { owner: tenantsOwn(), kind, text: 'the tenant’s' },
      { owner: usersOwn(), kind, text: 'the user’s' },
    ]);
    expect(prompt.texts(kind)).toEqual(['the tenant’s', 'the user’s']);
    expect(refusals()).toBe(before);
  });
});

it('what a tenant’s row says is never taken for what the user asks, nor the other way round', async () => {
  const kinds = ['source', 'question', 'exchange'] as const;
  const prompt = await build(kinds.map((kind) => ({ owner: usersOwn(), kind, text: kind })));
  for (const kind of kinds) expect(prompt.texts(kind)).toEqual([kind]);
});

it('a prompt is as long as it may be: the parts that come last are left out, and refused all the same if foreign', async () => {
  const part = (owner: Owner, text: string): PromptPart => ({ owner, kind: 'source', text });
  const parts = Array.from({ length: 10 }, (_, index) => part(tenantsOwn(), String(index).repeat(5000)));
  const prompt = await build(parts);
  expect(prompt.texts('source')).toEqual(parts.slice(0, 4).map(({ text }) => text));
  await expect(build([...parts, part({ tenantId: world.globex.id }, 'canary')])).rejects.toThrow(/somebody else/);
});

it('no prompt is made without a tenant', () => {
  const owner = tenantsOwn();
  expect(() => testApp.get(PromptBuilder).build([{ owner, kind: 'question', text: 'x' }])).toThrow(
    /No tenant in this execution/,
  );
});
