import { Logger } from '@nestjs/common';
import { createWorker } from './bootstrap.js';
import { reportBootFailure } from './isolation/logging/index.js';

try {
  await createWorker();
  new Logger('Bootstrap').log('Working');
} catch (error) {
  reportBootFailure(error);
  process.exit(1); // connections that were made before the failure would keep the process alive
}
