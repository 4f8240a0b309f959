// The demo's application: the real one, and the incident beside it.
import { DemoModule } from '../../../demo/demo.module.js';
import { createApp } from '../../../src/bootstrap.js';
import { serve } from './serve.js';

const app = await createApp(DemoModule);
await app.listen(0, '127.0.0.1');
serve(app.getHttpServer(), { close: () => app.close() });
