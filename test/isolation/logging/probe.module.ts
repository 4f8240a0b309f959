import { Body, Controller, Get, Logger, Module, Param, Post } from '@nestjs/common';
import { AppModule } from '../../../src/app.module.js';
import { Public } from '../../../src/isolation/http/index.js';
import { TenantDatabase } from '../../../src/isolation/database/index.js';

const logger = new Logger('Probe');
const waiting: (() => void)[] = [];

/** Lets all go on that wait, in the execution of whoever asks for it. */
export const releaseAll = () => waiting.splice(0).forEach((release) => release());
export const waitingCount = () => waiting.length;

@Controller('probe')
class ProbeController {
  constructor(private readonly database: TenantDatabase) {}

  @Get('wait')
  async wait(): Promise<object> {
    logger.log({ msg: 'waiting' });
    await new Promise<void>((resolve) => waiting.push(resolve));
    logger.log({ msg: 'waited' });
    await this.database.project.count();
    logger.debug({ msg: 'asked' });
    return {};
  }

  /** Whatever the client sends, in every place in which a careless line would put it. */
  @Post('say/:said')
  say(@Param('said') said: string, @Body() body: Record<string, unknown>): object {
    logger.warn({ msg: 'said', said, nested: { list: [body['text']] } });
    logger.warn(String(body['text']), body['text'], 'Probe');
    return {};
  }

  @Post('fail')
  async fail(@Body() body: { text: string; kind: string }): Promise<never> {
    if (body.kind === 'sql') await this.database.$queryRaw`SELECT ${body.text}::uuid`;
    if (body.kind === 'prisma') await this.database.project.count({ where: { number: body.text as never } });
    if (body.kind === 'json') JSON.parse(body.text);
    throw Object.assign(new Error('A defect.', { cause: new SyntaxError(body.text) }), { args: [body.text] });
  }

  @Public('The test asks without a token.')
  @Get('public')
  public(): object {
    logger.log({ msg: 'anybody' });
    return {};
  }
}

/** The application, and routes that log. */
@Module({ imports: [AppModule], controllers: [ProbeController] })
export class ProbeModule {}
