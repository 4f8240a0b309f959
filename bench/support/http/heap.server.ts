// The application, and beside it a route that says what its heap holds.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createApp } from '../../../src/bootstrap.js';
import { serve } from './serve.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const app = await createApp();
app
  .getHttpAdapter()
  .getInstance()
  .get('/heap', (_request, reply) => {
    collectGarbage();
    void reply.send({ bytes: process.memoryUsage().heapUsed });
  });
await app.listen(0, '127.0.0.1');
serve(app.getHttpServer(), { close: () => app.close() });
