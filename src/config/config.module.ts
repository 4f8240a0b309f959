import { Global, Module } from '@nestjs/common';
import { readConfiguration } from './configuration.js';

/** Injection token of `Configuration`. */
export const CONFIGURATION = Symbol('Configuration');

@Global()
@Module({
  providers: [{ provide: CONFIGURATION, useFactory: () => readConfiguration(process.env) }],
  exports: [CONFIGURATION],
})
export class ConfigModule {}
