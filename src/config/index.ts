export { CONFIGURATION, ConfigModule } from './config.module.js';
export { readConfiguration, variableNames, type Configuration } from './configuration.js';
