// Runs a task with the services it needs, and stops them however the task ends.
// Called by scripts/run.mjs, which installs the dependencies first.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startEnvironment, type Environment } from './environment.js';
import { projectRoot } from './local-directory.js';
import { databaseCommand, tasks, type Task } from './tasks.js';

const [name = '', ...args] = process.argv.slice(2);
const task = tasks[name];
if (!task) throw new Error(`Usage: node scripts/run.mjs <${Object.keys(tasks).join(' | ')}>`);
const dotEnv = join(projectRoot, '.env');
if (task.readsDotEnv && existsSync(dotEnv)) process.loadEnvFile(dotEnv);

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    stopping.abort(signal);
  });

let environment: Environment | undefined;
try {
  environment = await startEnvironment(name, task.lifetime, task.sharedBuffers);
  const seeded = task.seed ? await runNode([...databaseCommand, 'seed'], environment) : 0;
  process.exitCode = seeded || (await runTask(task, environment));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await environment?.stop();
}
process.exit(); // the schema engine leaves a timer of 10 s behind

async function runTask({ run, beside, hasChildren }: Task, services: Environment): Promise<number> {
  const companion = beside && runNode(beside, services, true);
  const code = await runNode([...run, ...args], services, hasChildren);
  stopping.abort('the task has ended');
  await companion;
  return code;
}

/** Runs node with the environment's variables, and resolves with its exit code. A stop signal is passed on. */
function runNode(nodeArgs: readonly string[], { variables }: Environment, hasChildren = false): Promise<number> {
  if (stopping.signal.aborted) return Promise.resolve(130);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, nodeArgs, {
      cwd: projectRoot,
      stdio: 'inherit',
      env: { ...process.env, ...variables },
      detached: hasChildren,
    });
    const passOn = () => child.pid !== undefined && process.kill(hasChildren ? -child.pid : child.pid, 'SIGTERM');
    stopping.signal.addEventListener('abort', passOn);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      stopping.signal.removeEventListener('abort', passOn);
      if (signal) console.error(`Ended by ${signal}.`);
      resolve(code ?? 1);
    });
  });
}
