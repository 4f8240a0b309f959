import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { compiled } from '../../../scripts/services/compiled.js';

/** Logs `megabytes`, and says on standard error how many records were dropped. */
const program = (megabytes: number) => `
  const load = (file) => import(${JSON.stringify(pathToFileURL(compiled('src/isolation/logging/')).href)} + file);
  const { standardOutput } = await load('application-logger.js');
  const { registry } = await load('metrics.js');
  const output = standardOutput();
  for (let line = 0; line < ${String(megabytes)}; line++) output.write('x'.repeat(2 ** 20));
  const { values } = await registry.getSingleMetric('log_records_dropped_total').get();
  console.error(values[0].value);
  setInterval(() => {}, 1000);`;

async function droppedOf(megabytes: number): Promise<number> {
  // Its standard output is a pipe that nobody reads.
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program(megabytes)]);
  const [text] = (await once(child.stderr, 'data')) as [Buffer];
  child.kill('SIGKILL');
  await once(child, 'exit');
  return Number(text.toString());
}

it('when nobody reads what is logged, it is kept up to a limit, and from there on dropped and counted', async () => {
  expect(await droppedOf(60)).toBe(0);
  expect(await droppedOf(70)).toBeGreaterThanOrEqual(5);
});
