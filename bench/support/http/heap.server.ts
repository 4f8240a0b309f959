// The application, and beside it a route that says what its heap holds.
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createApp } from '../../../src/bootstrap.js';
import { serve } from './serve.js';

setFlagsFromString('--expose-gc');
setFlagsFromString('--no-flush-bytecode'); // code that is not run for a while would leave the heap, and come back
const collectGarbage = runInNewContext('gc') as () => void;

const app = await createApp();
app
  .getHttpAdapter()
  .getInstance()
  .get('/heap', async () => {
    collectGarbage();
    await sleep(100); // what was finalized is garbage only now
    collectGarbage();
    return { bytes: process.memoryUsage().heapUsed };
  });
await app.listen(0, '127.0.0.1');
serve(app.getHttpServer(), { close: () => app.close() });
