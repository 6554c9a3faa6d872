import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.js';

/** Debian keeps the server of each version outside the path. */
const DEBIAN = '/usr/lib/postgresql';
const bin = (existsSync(DEBIAN) ? readdirSync(DEBIAN) : [])
  .sort((a, b) => Number(b) - Number(a))
  .map((version) => join(DEBIAN, version, 'bin'))
  .find((folder) => existsSync(join(folder, 'initdb')));

/** Postgres refuses to run as root. */
const isRoot = process.getuid?.() === 0;
const idOf = (which: '-u' | '-g') =>
  Number(spawnSync('id', [which, 'postgres'], { encoding: 'utf8' }).stdout);
const user = isRoot ? { uid: idOf('-u'), gid: idOf('-g') } : {};

/** Whether there is a Postgres to start; says so where there is none. */
export const hasPostgres = bin !== undefined;
if (!hasPostgres)
  console.warn('postgresql is not installed: its tests are skipped (apt-get install postgresql).');

/** A Postgres of its own, with its data in a folder of its own. */
export class PostgresServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  #process: ChildProcess | undefined;

  private constructor(readonly port: number) {}

  static async start(): Promise<PostgresServer> {
    const server = new PostgresServer(await freePort());
    if (user.uid !== undefined) chownSync(server.#folder, user.uid, user.gid!);
    const data = join(server.#folder, 'data');
    const made = spawnSync(join(bin!, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync'], {
      ...user,
      encoding: 'utf8',
    });
    if (made.status !== 0) throw new Error(made.stderr);
    await server.start();
    return server;
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /** Starts it again, with the data that it had. */
  async start(): Promise<void> {
    const options = [
      '-D',
      join(this.#folder, 'data'),
      '-p',
      `${this.port}`,
      '-k',
      this.#folder,
      '-h',
      '127.0.0.1',
    ];
    this.#process = spawn(join(bin!, 'postgres'), options, { ...user, stdio: 'ignore' });
    const ready = ['-h', '127.0.0.1', '-p', `${this.port}`, '-q'];
    while (spawnSync(join(bin!, 'pg_isready'), ready).status !== 0) await delay(50);
  }

  /** Ends it as an administrator in a hurry would. */
  async kill(): Promise<void> {
    const exited = once(this.#process!, 'exit');
    this.#process!.kill('SIGQUIT');
    await exited;
  }

  async stop(): Promise<void> {
    if (this.#process?.exitCode === null) await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
