import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Runs an ES module in a process of its own, outside this project, and gives back what it printed. */
export async function runScript(source: string, args: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'denoise-script-'));
  try {
    const file = join(folder, 'script.mjs');
    writeFileSync(file, source);
    const { stdout } = await promisify(execFile)(process.execPath, [file, ...args], { maxBuffer: 1 << 24 });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
