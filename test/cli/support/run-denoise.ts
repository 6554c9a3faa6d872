import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const PROGRAM = fileURLToPath(new URL('../../../bin/denoise.js', import.meta.url));

export interface Finished {
  /** Exit code; `null` where a signal killed the program. */
  code: number | null;
  stdout: Buffer;
  stderr: string;
}

export interface RunOptions {
  /** Bytes for stdin; nothing by default. */
  input?: Uint8Array;
  spawn?: SpawnOptions;
  /** Shell commands that the program starts under, such as a limit of resources. */
  shell?: string;
  /** Called with the child as soon as it runs. */
  started?: (child: ChildProcess) => void;
}

/** Runs the real command line in a process of its own. `npm run build` must have run, as `npm test` does. */
export function runDenoise(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const program = [process.execPath, PROGRAM, ...args];
  const [command, ...words] =
    options.shell === undefined ? program : ['bash', '-c', `${options.shell}; exec "$@"`, 'bash', ...program];
  const child = spawn(command, words, { stdio: 'pipe', ...options.spawn });
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout?.on('data', (data: Buffer) => stdout.push(data));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A program that refuses its arguments does not read its input.
  child.stdin?.on('error', () => {});
  child.stdin?.end(options.input ?? new Uint8Array(0));
  options.started?.(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout: Buffer.concat(stdout), stderr }));
  });
}

/** The error that `--json` printed on stderr. */
export function jsonError(finished: Finished): { code: string; message: string; hint?: string } {
  const line = finished.stderr.trim().split('\n').at(-1) ?? '';
  return (JSON.parse(line) as { error: { code: string; message: string; hint?: string } }).error;
}
