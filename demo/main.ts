import { seededPassword, seedTenants } from '../prisma/seed.js';
import { createApp } from '../src/bootstrap.js';
import { DemoModule } from './demo.module.js';
import { Narrator } from './story/narrator.js';
import { theCanary } from './story/canary-chapter.js';
import { theApplication, theIncident, theNaiveFix } from './story/chapters.js';
import { Stage } from './story/stage.js';
import { theWorker } from './story/worker-chapter.js';

const usualPort = 3000;
const isOnce = process.argv.includes('--once');

const host = process.env['HOST'] ?? '127.0.0.1';
if (process.env['NODE_ENV'] === 'production')
  throw new Error('The demo serves a vulnerable application: not in production.');
if (!['127.0.0.1', '::1', 'localhost'].includes(host) && process.env['DEMO_IN_CONTAINER'] !== 'yes') {
  throw new Error(
    `The demo serves a vulnerable application: it does not listen on ${host}, only on the loopback interface.`,
  );
}

process.env['LOG_LEVEL'] ??= 'warn';

const app = await createApp(DemoModule);
const narrator = new Narrator();
const log = (message: unknown, ...context: unknown[]) => narrator.log(context.at(-1), message);
app.useLogger({ log: () => undefined, warn: log, error: log });
await listen();
const baseUrl = (await app.getUrl()).replace(/\[::1?\]|0\.0\.0\.0/, '127.0.0.1');
const stage = await Stage.set(app, baseUrl, narrator);
narrator.heading('project-1041: a cache key without its tenant, and the application in which that cannot happen');
narrator.text('Acme and Globex each have a project 1041: two projects, one number, one Redis.');
await stage.clearCaches();

const verdicts = [
  await theIncident(stage),
  await theNaiveFix(stage),
  await theApplication(stage),
  await theWorker(stage),
  await theCanary(stage),
];
const isShown = verdicts.every(Boolean);
stage.leave();
narrator.heading(
  isShown ? 'The leak was reproduced, and the application refused it.' : 'NOT AS IT SHOULD BE: see the lines marked ✘.',
);

if (isOnce) {
  await app.close();
  process.exitCode = isShown ? 0 : 1;
} else {
  printHowToGoOn();
}

/** On the usual port, or on any free one when somebody (another demo, say) has it and PORT does not insist. */
async function listen(): Promise<void> {
  const port = process.env['PORT'];
  try {
    await app.listen(Number(port ?? usualPort), host);
  } catch (error) {
    if (port !== undefined || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    await app.listen(0, host);
  }
}

function printHowToGoOn(): void {
  narrator.text(`
Still serving, until Ctrl-C:
  ${baseUrl}/                                      the same, to be played by hand in a browser
  ${baseUrl}/api/projects/1041                     the application
  ${baseUrl}/incident/api/projects/1041            the incident
  ${baseUrl}/incident/naive-fix/api/projects/1041  the naive fix
  ${baseUrl}/health/isolation                      the alarm: 503, because of the incident

Log in as anyone of these, password "${seededPassword}":
${seedTenants.flatMap(({ slug, members }) => members.map(({ email, role }) => `  ${slug.padEnd(7)} ${role.padEnd(7)} ${email}`)).join('\n')}

  TOKEN=$(curl -s ${baseUrl}/api/auth/login -H 'content-type: application/json' \\
    -d '{"email":"gus@globex.example","password":"${seededPassword}"}' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  curl -i ${baseUrl}/incident/api/projects/1041 -H "authorization: Bearer $TOKEN"`);
}
