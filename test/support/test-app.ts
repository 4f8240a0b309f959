import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../../src/app.module.js';
import { createApp } from '../../src/bootstrap.js';

export interface TestApp {
  readonly app: NestFastifyApplication;
  readonly baseUrl: string;
  /** What the application warned of, oldest first. Nothing of it goes to the terminal. */
  readonly log: readonly string[];
  readonly get: NestFastifyApplication['get'];
  readonly close: () => Promise<void>;
}

/** The application as main.ts makes it, listening on a free loopback port. */
export async function startTestApp(rootModule: Type = AppModule): Promise<TestApp> {
  const app = await createApp(rootModule);
  const log: string[] = [];
  const keep = (message: unknown) => log.push(String(message));
  app.useLogger({ log: () => undefined, warn: keep, error: keep });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  return {
    app,
    baseUrl: `http://127.0.0.1:${String(port)}`,
    log,
    get: app.get.bind(app),
    close: () => app.close(),
  };
}
