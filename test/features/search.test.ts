import type { SearchHit } from '../../src/features/search/search.dto.js';
import { walk } from '../isolation/http/walk.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { createWorld, type Person, type World } from '../support/world.js';
import { wrongFields } from './problem.js';

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp();
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

const search = (person: Person, q: string) => person.get(`/api/search?${String(new URLSearchParams({ q }))}`);
const hits = async (person: Person, q: string) => (await search(person, q)).json.items as SearchHit[];
const titles = async (person: Person, q: string) => (await hits(person, q)).map(({ title }) => title);
const createProject = async (person: Person, name: string, description = '') =>
  ((await person.post('/api/projects', { name, description })).json as { number: number }).number;
const createTask = async (person: Person, project: number, title: string) =>
  ((await person.post(`/api/projects/${String(project)}/tasks`, { title })).json as { number: number }).number;

describe('what is found', () => {
  it('is projects by title and description, and tasks by title; a viewer finds them, too', async () => {
    const { admin, viewer } = world.acme;
    const number = await createProject(admin, 'Lighthouse', 'The keeper counts the ships that pass.');
    const task = await createTask(admin, number, 'Paint the lighthouse');
    expect(await hits(viewer, 'lighthouses')).toEqual([
      { kind: 'task', project: number, task, title: 'Paint the lighthouse', status: 'open', extract: '' },
      { kind: 'project', project: number, title: 'Lighthouse', status: 'active', extract: 'The keeper counts the ships that pass.' },
    ]); // prettier-ignore
    expect(await titles(viewer, 'counting ships')).toEqual(['Lighthouse']);
    expect(await titles(viewer, `project ${String(number)}`)).toContain('Lighthouse');
  });

  it('stands in order: more of the words first, then rarer ones, titles before descriptions', async () => {
    const { admin } = (await createWorld(testApp)).acme;
    await createProject(admin, 'Other', 'walnut');
    await createProject(admin, 'Walnut');
    await createProject(admin, 'Walnut table');
    for (let count = 0; count < 5; count++) await createProject(admin, `Table ${String(count)}`);
    expect((await titles(admin, 'table of walnut ')).slice(0, 3)).toEqual(['Walnut table', 'Walnut', 'Table 4']);
    expect(await titles(admin, 'walnut ')).toEqual(['Walnut table', 'Walnut', 'Other']);
  });

  it('has the last word of the text or begins with it, whole words first; a word that is ended is not a beginning', async () => {
    const { admin } = (await createWorld(testApp)).acme;
    await createProject(admin, 'Portfolio');
    await createProject(admin, 'Port');
    expect(await titles(admin, 'port')).toEqual(['Port', 'Portfolio']);
    expect(await titles(admin, 'portf')).toEqual(['Portfolio']);
    expect(await titles(admin, 'port ')).toEqual(['Port']);
    expect(await titles(admin, 'portf?')).toEqual([]);
  });

  it('shows where a long description says it', async () => {
    const { admin } = world.acme;
    const filler = 'nothing of interest '.repeat(200);
    await createProject(admin, 'Long', `${filler} a chandelier in the hall ${filler}`);
    const [hit] = await hits(admin, 'chandelier');
    expect(hit?.extract).toContain('chandelier in the hall');
    expect(hit?.extract.length).toBeLessThanOrEqual(600);
  });

  it('is what the texts say now: words of a changed, moved or removed row are gone at once', async () => {
    const { admin } = world.globex;
    const number = await createProject(admin, 'Umbrella', 'indigo');
    const task = await createTask(admin, number, 'Fold it carefully');
    await admin.patch(`/api/projects/${String(number)}`, { description: 'crimson' });
    expect([await titles(admin, 'indigo'), await titles(admin, 'crimson')]).toEqual([[], ['Umbrella']]);
    await admin.patch(`/api/projects/${String(number)}/tasks/${String(task)}`, { title: 'Unfold', status: 'done' });
    expect([await titles(admin, 'carefully'), await hits(admin, 'unfold')]).toMatchObject([[], [{ status: 'done' }]]);
    await admin.delete(`/api/projects/${String(number)}`);
    for (const word of ['umbrella', 'crimson', 'unfold']) expect(await titles(admin, word)).toEqual([]);
  });
});

describe('the pages', () => {
  it.each([1, 2, 7])('of %i show everything once, the best first, also where scores are equal', async (limit) => {
    const { admin } = (await createWorld(testApp)).acme;
    for (let count = 0; count < 3; count++) {
      const number = await createProject(admin, 'Harvest', count === 1 ? 'harvest' : '');
      await createTask(admin, number, 'Harvest');
    }
    const pages = await walk<SearchHit>(admin, '/api/search', { q: 'harvest', limit: String(limit) });
    const all = (await search(admin, 'harvest')).json as { items: SearchHit[]; nextCursor: null };
    expect(all.nextCursor).toBeNull();
    expect(all.items).toHaveLength(6);
    expect(pages.flatMap(({ items }) => items)).toEqual(all.items);
    expect(pages).toHaveLength(Math.ceil(6 / limit));
  });
});

describe('a text', () => {
  it.each([
    ['spaces', '   '],
    ['signs', '?!… %00 \\ \u202e 👩‍👩‍👧‍👦'],
    ['words that every text has', 'what is the'],
    ['operators', `& | ! <-> :* ( ) ' " -- or OR and not -x \\'`],
    ['SQL', `'; DROP TABLE tenants; --`],
    ['SQL that closes the statement', `zzz') OR true; SELECT set_config('app.tenant_id', '', true) --`],
    ['wildcards', '% _ * .* ^'],
    ['one word of 200 letters', 'q'.repeat(200)],
    ['a hundred words', Array.from({ length: 67 }, (_, index) => index + 100_000).join(' ').slice(0, 200)],
  ])('of %s finds nothing, and is no error', async (_, q) => {
    const { status, json } = await search(world.globex.viewer, q);
    expect([status, json]).toEqual([200, { items: [], nextCursor: null }]);
    expect((await search(world.globex.viewer, 'project')).json).not.toMatchObject({ items: [] });
  }); // prettier-ignore

  it.each([
    ['', ['q']],
    ['q=', ['q']],
    [`q=${'a'.repeat(201)}`, ['q']],
    ['q=%00', ['q']],
    ['q=a&q=b', ['q']],
    ['q=a&limit=101&cursor=MQ&status=open', ['limit', 'cursor', 'status']],
  ])('%s is refused, naming what is wrong', async (query, paths) => {
    const { status, json } = await world.acme.viewer.get(`/api/search?${query}`);
    expect(status).toBe(400);
    expect(wrongFields(json).toSorted()).toEqual(paths.toSorted());
    expect((await world.acme.viewer.get(`/api/search?q=${'a'.repeat(200)}`)).status).toBe(200);
  });
});
