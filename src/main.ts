import { Logger } from '@nestjs/common';
import { createApp } from './bootstrap.js';
import { CONFIGURATION, type Configuration } from './config/index.js';

try {
  const app = await createApp();
  const { HOST, PORT } = app.get<Configuration>(CONFIGURATION);
  await app.listen(PORT, HOST);
  new Logger('Bootstrap').log(`Listening on ${await app.getUrl()}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1); // connections that were made before the failure would keep the process alive
}
