import { Canary, type Finding } from '../../src/isolation/canary/index.js';
import type { Verdict } from './chapters.js';
import type { Stage } from './stage.js';

const incidents = 'the incident’s project cache';
const meanings: Readonly<Record<Finding['outcome'], string>> = {
  ok: 'each is shown its own',
  foreign: 'ONE IS SHOWN THE OTHER’S',
  blind: 'one is not shown its own',
  unknown: 'no answer',
};

export async function theCanary(stage: Stage): Promise<Verdict> {
  const { narrator } = stage;
  narrator.heading('5  The canary: the alarm that was missing for 72 hours');
  narrator.text(
    'Two tenants that nobody has, with the same ids and different secrets, look through every layer. Once a minute;\n' +
      'here, at once:',
  );
  const findings = await stage.app.get(Canary).run();
  for (const { layer, probe, outcome } of findings)
    narrator.text(`   ${layer.padEnd(9)} ${probe.padEnd(36)} ${meanings[outcome]}`);
  const { status, body } = await stage.askAnyone('/health/isolation');
  const { failing } = JSON.parse(body) as { failing?: readonly Finding[] };
  const isCaught = status === 503 && failing?.length === 1 && failing[0]?.probe === incidents;
  narrator.fact(isCaught, 'the incident is caught, within a minute: GET /health/isolation answers 503');
  const own = findings.filter(({ probe }) => probe !== incidents);
  const isQuiet = own.length > 0 && own.every(({ outcome }) => outcome === 'ok');
  narrator.fact(isQuiet, 'of the application nothing is found: the alarm is about what stands beside it');
  return isCaught && isQuiet;
}
