import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { fastify } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { registry } from './metrics.js';

/**
 * Serves `GET /metrics` on a port of its own, and nothing else: the application's port is everybody's. Off without
 * METRICS_PORT, because a default would be taken already where two processes run on one machine.
 */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #server = fastify();
  readonly #logger = new Logger('MetricsServer');

  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  async onApplicationBootstrap(): Promise<void> {
    const { METRICS_PORT, METRICS_HOST } = this.configuration;
    if (METRICS_PORT === undefined) return;
    const process = new Registry();
    collectDefaultMetrics({ register: process });
    const all = Registry.merge([registry, process]);
    this.#server.get('/metrics', async (_request, reply) => reply.type(all.contentType).send(await all.metrics()));
    this.#logger.log({ msg: 'Metrics', url: await this.#server.listen({ port: METRICS_PORT, host: METRICS_HOST }) });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#server.close();
  }
}
