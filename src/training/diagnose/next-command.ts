import type { ConfigPatch, Start } from './finding.js';
import { rateText } from './number-text.js';

/** Options of `denoise train` that a run's configuration carries at its top, beside the settings. */
const OPTIONS = ['model', 'task', 'preset', 'clean', 'noise', 'noisy', 'exclude', 'device'] as const;

/**
 * The command that applies a remedy: `--resume RUN` with the changes alone, or a new run with the model, the task, the
 * folders and the `set` overrides of the old one and the changes over them.
 * @param config of the run; `config.set` are the `--set` overrides it was started with
 * @param runPath folder of the run; a placeholder where unknown
 */
export function trainCommand(
  config: Readonly<Record<string, unknown>>,
  runPath: string | undefined,
  patch: ConfigPatch,
  start: Start,
): string {
  const words = ['denoise', 'train'];
  let settings = patch;
  if (start === 'resume') {
    words.push('--resume', runPath ?? 'RUN');
  } else {
    for (const option of OPTIONS) {
      const value = config[option];
      for (const word of Array.isArray(value) ? value : [value]) {
        if (typeof word === 'string' && word !== '') words.push(`--${option}`, word);
      }
    }
    settings = { ...overrides(config.set), ...patch };
  }
  for (const [name, value] of Object.entries(settings)) {
    words.push('--set', `${name}=${typeof value === 'number' ? rateText(value) : value}`);
  }
  return words.map(quoted).join(' ');
}

function overrides(set: unknown): ConfigPatch {
  if (typeof set !== 'object' || set === null) return {};
  return Object.fromEntries(
    Object.entries(set).filter(([, value]) => ['number', 'string', 'boolean'].includes(typeof value)),
  ) as ConfigPatch;
}

/** A word as a POSIX shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
