import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BUILT = fileURLToPath(new URL('../../../dist/src/', import.meta.url));

/**
 * Starts a program of a few lines in a process of its own. `npm run build` must have run.
 *
 * @param script a module; `import('@/files/x.js')` in it means that file as it was built
 * @param args what it finds in `process.argv` from 1 on
 * @param shell commands that it starts under, such as a limit of resources
 */
export function startModule(script: string, args: readonly string[] = [], shell = ''): ChildProcess {
  const source = script.replaceAll("'@/", `'file://${BUILT}`);
  return spawn(
    'bash',
    ['-c', `${shell}\nexec "$@"`, 'bash', process.execPath, '--input-type=module', '-e', source, ...args],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
}

/** Runs such a program to its end; what it printed. */
export async function runModule(script: string, args: readonly string[] = [], shell = ''): Promise<string> {
  const child = startModule(script, args, shell);
  let text = '';
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await new Promise((resolve) => child.on('close', resolve));
  return text.trim();
}
