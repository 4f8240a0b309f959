import { Controller, Get, Header, Module } from '@nestjs/common';
import { ProjectsModule } from '../../../src/features/projects/projects.module.js';
import { ProjectsService } from '../../../src/features/projects/projects.service.js';
import {
  keepsWhatIsAllowed,
  keepsWhatLooksStatic,
  startCachingProxy,
  type CachingProxy,
  type Keeps,
} from '../../support/caching-proxy.js';
import { Client } from '../../support/client.js';
import { contentPath, upload } from '../../support/files.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';
import { declaredRoutes, InventoryModule } from './inventory.js';
import { deceptions, unreadable } from './deceptions.js';

/** What the application never does: an answer that a shared cache may keep, and one that looks like a file. */
@Controller('careless')
class CarelessController {
  constructor(private readonly projects: ProjectsService) {}

  @Get('projects')
  @Header('cache-control', 'public, max-age=60')
  publicly() {
    return this.projects.get(1);
  }

  @Get('projects/*')
  whatever() {
    return this.projects.get(1);
  }
}
@Module({ imports: [InventoryModule, ProjectsModule], controllers: [CarelessController] })
class CarelessModule {}

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp(CarelessModule);
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

async function through<T>(keeps: Keeps, work: (proxy: CachingProxy) => Promise<T>): Promise<T> {
  const proxy = await startCachingProxy(testApp.baseUrl, keeps);
  try {
    return await work(proxy);
  } finally {
    await proxy.close();
  }
}

/** What one after the other is given for the same URL: Acme, then Globex, then somebody without a token. */
async function askInTurn({ baseUrl }: CachingProxy, path: string, headers: Record<string, string> = {}) {
  const clients = [world.acme.viewer.token, world.globex.viewer.token, undefined];
  const answers = [];
  for (const token of clients) answers.push(await new Client(baseUrl, token).get(path, headers));
  return answers;
}
const hasForeign = (answers: Awaited<ReturnType<typeof askInTurn>>) => {
  const [, globexs, nobodys] = answers.map(({ text }) => text);
  return globexs?.includes(world.acme.marker) === true || /acme-|globex-/.test(nobodys ?? '');
};

/** Every GET route, with parameters that lead to something in both tenants. */
async function readablePaths(): Promise<string[]> {
  const file = contentPath(await upload(world.acme.admin, 'text of a file'));
  const paths = declaredRoutes(testApp)
    .filter(({ method, path }) => method === 'GET' && !path.startsWith('/careless'))
    .map(({ path }) =>
      path
        .replace('/files/:number', file.replace(/.*(\/files\/\d+)\/content$/, '$1'))
        .replace(/:(project|number)/g, '1')
        .replace(/:\w+/g, world.acme.viewer.identity.userId),
    );
  return [...paths, '/api/search?q=project', '/api/projects?limit=1', '/nowhere'];
}

it('a proxy that keeps whatever headers allow keeps nothing of any route, and nobody gets another’s answer', async () => {
  await through(keepsWhatIsAllowed, async (proxy) => {
    const paths = await readablePaths();
    expect(paths.length).toBeGreaterThan(20);
    let shown = 0;
    for (const path of paths) {
      for (const headers of [{}, { 'if-none-match': '*' }] as Record<string, string>[]) {
        const answers = await askInTurn(proxy, path, headers);
        expect([path, hasForeign(answers)]).toEqual([path, false]);
        if (answers[0]?.text.includes(world.acme.marker)) shown++;
      }
    }
    expect(shown).toBeGreaterThan(5); // it does let answers through
    expect(proxy.kept()).toEqual([]);
    // The same proxy, and one careless header:
    const answers = await askInTurn(proxy, '/careless/projects');
    expect(answers.map(({ headers }) => headers.get('x-proxy'))).toEqual(['MISS', 'HIT', 'HIT']);
    expect(hasForeign(answers)).toBe(true);
  });
});

it('a proxy that takes names for static files keeps refusals only, and nobody gets another’s answer', async () => {
  await through(keepsWhatLooksStatic, async (proxy) => {
    for (const path of ['/api/projects/1', '/api/projects', '/api/me']) {
      for (const deception of [...deceptions, ...unreadable]) {
        const answers = await askInTurn(proxy, path + deception);
        expect([path + deception, hasForeign(answers)]).toEqual([path + deception, false]);
      }
    }
    expect(proxy.kept().length).toBeGreaterThan(0);
    // The same proxy, and a route that answers whatever follows its path:
    const answers = await askInTurn(proxy, '/careless/projects/x.css');
    expect(answers.map(({ headers }) => headers.get('x-proxy'))).toEqual(['MISS', 'HIT', 'HIT']);
    expect(hasForeign(answers)).toBe(true);
  });
});
