import { Module } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '../../config/index.js';
import { SearchModule } from '../search/search.module.js';
import { AnswerProvider } from './answer-provider.js';
import { AssistantController } from './assistant.controller.js';
import { AssistantService } from './assistant.service.js';
import { ExtractiveProvider } from './extractive-provider.js';
import { OpenAiProvider } from './openai-provider.js';

@Module({
  imports: [SearchModule],
  controllers: [AssistantController],
  providers: [
    AssistantService,
    {
      provide: AnswerProvider,
      inject: [CONFIGURATION],
      useFactory: (configuration: Configuration): AnswerProvider =>
        configuration.ASSISTANT_API_KEY === undefined
          ? new ExtractiveProvider()
          : new OpenAiProvider({
              apiKey: configuration.ASSISTANT_API_KEY,
              baseUrl: configuration.ASSISTANT_BASE_URL,
              model: configuration.ASSISTANT_MODEL,
              timeoutMs: configuration.ASSISTANT_TIMEOUT_MS,
            }),
    },
  ],
})
export class AssistantModule {}
