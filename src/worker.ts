import { Logger } from '@nestjs/common';
import { createWorker } from './bootstrap.js';

try {
  await createWorker();
  new Logger('Bootstrap').log('Working');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1); // connections that were made before the failure would keep the process alive
}
