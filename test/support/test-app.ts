import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../../src/app.module.js';
import { createApp } from '../../src/bootstrap.js';

export interface TestApp {
  readonly app: NestFastifyApplication;
  readonly baseUrl: string;
  /** The lines that the application has logged, oldest first: errors, unless LOG_LEVEL says otherwise. */
  readonly log: readonly string[];
  readonly get: NestFastifyApplication['get'];
  readonly close: () => Promise<void>;
}

/** The application as main.ts makes it, listening on a free loopback port. Nothing that it logs goes to the terminal. */
export async function startTestApp(rootModule: Type = AppModule): Promise<TestApp> {
  const log: string[] = [];
  const app = await createApp(rootModule, { write: (line) => void log.push(line) });
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
