import { Controller, Get, Module, Param, Query } from '@nestjs/common';
import { AppModule } from '../../../src/app.module.js';
import { positiveInteger } from '../../../src/common/validation.js';
import { cacheEntries, Cached } from '../../../src/isolation/cache/index.js';
import { MinimumRole } from '../../../src/isolation/http/index.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { createWorld, type World } from '../../support/world.js';

@Controller('cached')
class CachedRoutesController {
  #loads = 0;

  @Get('role-above/:number')
  @MinimumRole('admin')
  @Cached(cacheEntries.project)
  roleAbove(@Param('number', { schema: positiveInteger }) number: number) {
    return Promise.resolve({ number });
  }

  @Get('role-below/:number')
  @Cached(cacheEntries.project)
  @MinimumRole('admin')
  roleBelow(@Param('number', { schema: positiveInteger }) number: number) {
    return Promise.resolve({ number });
  }

  @Get('arguments/:number')
  @Cached(cacheEntries.project)
  arguments(@Param('number', { schema: positiveInteger }) number: number, @Query('word') word = 'default') {
    return Promise.resolve({ number, word, load: ++this.#loads });
  }
}

@Module({ imports: [AppModule], controllers: [CachedRoutesController] })
class CachedRoutesModule {}

let testApp: TestApp;
let world: World;
beforeAll(async () => {
  testApp = await startTestApp(CachedRoutesModule);
  world = await createWorld(testApp);
});
afterAll(() => testApp.close());

it.each([
  ['above', '/cached/role-above/11'],
  ['below', '/cached/role-below/12'],
])('a role demanded %s @Cached is demanded of a hit as of a miss', async (_, path) => {
  const { admin, viewer } = world.acme;
  for (const expected of ['MISS', 'HIT']) {
    expect((await viewer.get(path)).status).toBe(403);
    const answer = await admin.get(path);
    expect([answer.status, answer.headers.get('x-cache')]).toEqual([200, expected]);
  }
});

it('the handler gets its arguments, those with defaults included, and runs once for all hits', async () => {
  const { admin } = world.acme;
  for (const expected of ['MISS', 'HIT', 'HIT']) {
    const answer = await admin.get('/cached/arguments/13');
    expect(answer.headers.get('x-cache')).toBe(expected);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.json).toEqual({ number: 13, word: 'default', load: 1 });
  }
  expect((await admin.get('/cached/arguments/14?word=given')).json).toEqual({ number: 14, word: 'given', load: 2 });
});

it.each(['013', '1e1', '+13', '0', '-1', 'x'])(
  'a hit answers no spelling that a miss refuses: %s',
  async (spelling) => {
    const { admin } = world.acme;
    expect((await admin.get('/cached/arguments/13')).headers.get('x-cache')).toBe('HIT');
    expect((await admin.get(`/cached/arguments/${spelling}`)).status).toBe(400);
  },
);
