import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOnFreePort } from '../../scripts/services/free-port.js';
import { projectRoot } from '../../scripts/services/local-directory.js';
import { startServer } from '../../scripts/services/server-process.js';
import { reachableFolder, unprivilegedIdentity } from '../../scripts/services/unprivileged.js';

export interface PgBouncer {
  /** The same role and database, by way of it. */
  readonly through: (url: string) => string;
  readonly kill: () => Promise<void>;
  /** On the same port. */
  readonly startAgain: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

interface Command {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
}

/** What Debian's package needs and a bare machine may lack. */
const packages = ['pgbouncer', 'libc-ares2', 'libevent-2.1-7'];

/**
 * Starts PgBouncer in transaction mode before the server of `urls`.
 * @param urls of the roles that may use it, with their passwords
 * @param settings in place of its own
 * @throws Error naming the ways to get a PgBouncer
 */
export async function startPgBouncer(
  urls: readonly string[],
  settings: Readonly<Record<string, string | number>> = {},
): Promise<PgBouncer> {
  const command = installed() ?? unpacked() ?? unpack();
  const directory = mkdtempSync(join(tmpdir(), 'project-1041-pgbouncer-'));
  chmodSync(directory, 0o755);
  const [server = new URL('postgresql://none')] = urls.map((url) => new URL(url));
  const users = urls.map((url) => new URL(url)).map(({ username, password }) => `"${username}" "${password}"`);
  writeFileSync(join(directory, 'users'), users.join('\n'));
  const start = async (port: number) => {
    const all = {
      listen_addr: '127.0.0.1',
      listen_port: port,
      unix_socket_dir: '',
      auth_type: 'scram-sha-256',
      auth_file: join(directory, 'users'),
      pool_mode: 'transaction',
      server_reset_query_always: 1,
      server_login_retry: 0.1,
      max_client_conn: 500,
      ...settings,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name} = ${String(value)}`);
    const databases = `* = host=${server.hostname} port=${server.port}`;
    writeFileSync(join(directory, 'ini'), ['[databases]', databases, '[pgbouncer]', ...lines].join('\n'));
    const { stop } = await startServer({
      ...command,
      args: [join(directory, 'ini')],
      stopSignal: 'SIGKILL', // what other signals mean differs between versions
      cwd: directory,
      probe: () => accepts(port),
      ...unprivilegedIdentity(),
    });
    return { port, stop };
  };
  let bouncer = await startOnFreePort(start);
  return {
    through: (url) => Object.assign(new URL(url), { host: `127.0.0.1:${String(bouncer.port)}` }).href,
    kill: () => bouncer.stop(),
    startAgain: async () => {
      bouncer = await start(bouncer.port);
    },
    stop: async () => {
      await bouncer.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const runs = ({ command, env }: Command) => spawnSync(command, ['--version'], { env }).status === 0;

function installed(): Command | undefined {
  const path = [process.env['PATH'], '/usr/sbin', '/usr/local/sbin'].join(':'); // where Debian has it, and not all users look
  const command = { command: 'pgbouncer', env: { ...process.env, PATH: path } };
  return runs(command) ? command : undefined;
}

const folder = () => join(reachableFolder(join(projectRoot, '.local'), 'local'), 'pgbouncer');

function unpacked(): Command | undefined {
  const libraries = join(folder(), 'usr/lib');
  if (!existsSync(libraries)) return undefined;
  const paths = readdirSync(libraries).map((name) => join(libraries, name));
  const env = { ...process.env, LD_LIBRARY_PATH: paths.join(':') };
  const command = { command: join(folder(), 'usr/sbin/pgbouncer'), env };
  return runs(command) ? command : undefined;
}

/** Debian's package, unpacked and not installed: nothing of the machine changes. */
function unpack(): Command {
  const target = folder();
  mkdirSync(target, { recursive: true, mode: 0o755 });
  const { stderr } = spawnSync('apt-get', ['download', '-qq', ...packages], { cwd: target, encoding: 'utf8' });
  for (const file of readdirSync(target).filter((name) => name.endsWith('.deb')))
    spawnSync('dpkg', ['-x', file, '.'], { cwd: target });
  const command = unpacked();
  if (command) return command;
  throw new Error(
    `No PgBouncer found, and Debian's package could not be had (${stderr || 'no apt-get'}). Either of these gives you one:\n` +
      '  1. put pgbouncer on PATH (apt-get install pgbouncer, brew install pgbouncer, …)\n' +
      '  2. run this where apt-get can download packages: it is then unpacked into .local',
  );
}

function accepts(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
