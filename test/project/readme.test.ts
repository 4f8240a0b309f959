import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seed } from '../../prisma/seed.js';
import { projectRoot } from '../../scripts/services/local-directory.js';
import { events } from '../../src/isolation/realtime/index.js';
import { declaredRoutes, InventoryModule } from '../isolation/http/inventory.js';
import { Client } from '../support/client.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8').replaceAll(/^```.*?^```/gms, '');
let testApp: TestApp;
beforeAll(async () => {
  testApp = await startTestApp(InventoryModule);
});
afterAll(() => testApp.close());

const spansOf = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span);
/** `GET POST /api/projects?limit=`, or `DELETE …/tasks/:number`, whose beginning stands in a row before. */
const routeSpan = /^((?:[A-Z]+ )+)(…?)(\/[\w/:-]*)/;

it('its table has all the routes there are, and no others', () => {
  const declared = declaredRoutes(testApp);
  const named = spansOf(readme).flatMap((span) => {
    const [, methods = '', isEnd, path = ''] = routeSpan.exec(span) ?? [];
    return methods.split(' ').flatMap((method) => {
      const isMeant = (route: string) => (isEnd ? route.endsWith(path) : route === path);
      const routes = declared.filter((route) => route.method === method && isMeant(route.path));
      return method === '' ? [] : [routes.length === 1 ? `${method} ${routes[0]?.path ?? ''}` : `? ${span}`];
    });
  });
  expect([...new Set(named)].toSorted()).toEqual(declared.map(({ method, path }) => `${method} ${path}`).toSorted());
});

it('its list has all the events there are, and no others', () => {
  const list = /^\[These are all\].*?\n\n/ms.exec(readme)?.[0] ?? '';
  let subject = '';
  const named = spansOf(list).map((name) => {
    if (!name.startsWith('.')) subject = name.split('.')[0] ?? '';
    return name.startsWith('.') ? subject + name : name;
  });
  expect(named.toSorted()).toEqual(
    Object.values(events)
      .map(({ name }) => name)
      .filter((name) => !name.startsWith('canary.')) // which reach the two synthetic tenants only
      .toSorted(),
  );
});

it('whom it names can log in with the password it names, and with no other', async () => {
  await seed();
  const [, password = ''] = /password `([^`]+)`/.exec(readme) ?? [];
  const people = spansOf(readme).filter((span) => /^\w+@\w+\.example$/.test(span));
  expect(people).toHaveLength(6);
  const client = new Client(testApp.baseUrl);
  for (const email of people) {
    const login = (text: string) => client.post('/api/auth/login', { email, password: text, tenant: tenantOf(email) });
    expect([email, (await login(password)).status]).toEqual([email, 200]);
    expect([email, (await login(`${password}!`)).status]).toEqual([email, 401]);
  }
});

const tenantOf = (email: string) => (email.includes('@globex') ? 'globex' : 'acme');
