import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { workerUrl } from '../threads/worker-url.js';
import type { ChosenDevice } from './device.js';

/**
 * Whether a model loads on a device. Tried in a process of its own: drivers print to stderr where they find no hardware,
 * and some crash.
 *
 * @param model name or path as in {@link Model.load}; default: the best shipped
 */
export function deviceWorks(device: ChosenDevice, model?: string): Promise<boolean> {
  const program = fileURLToPath(workerUrl(import.meta.url, './device-probe-process.js'));
  const words = model === undefined ? [device] : [device, model];
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'ignore'] });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    // By what it printed: a driver that crashes while it is let go of has worked.
    child.on('close', () => resolve(printed.includes(PROBE_PASSED)));
  });
}

/** What the process prints once the model is loaded. */
export const PROBE_PASSED = 'the model runs';
