import { Logger } from '@nestjs/common';
import { createApp } from './bootstrap.js';
import { CONFIGURATION, type Configuration } from './config/index.js';
import { reportBootFailure } from './isolation/logging/index.js';

try {
  const app = await createApp();
  const { HOST, PORT } = app.get<Configuration>(CONFIGURATION);
  await app.listen(PORT, HOST);
  new Logger('Bootstrap').log({ msg: 'Listening', url: await app.getUrl() });
} catch (error) {
  reportBootFailure(error);
  process.exit(1); // connections that were made before the failure would keep the process alive
}
