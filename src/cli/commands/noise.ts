import { existsSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { OutputError, UsageError } from '../../errors.js';
import type { CommandContext } from '../context.js';

const EXAMPLES = `
Examples:
  denoise live --source mic --capture shack     keeps the noise between words, never the words
  denoise noise list                            what was kept
  denoise noise import fan.wav --profile car    a recording of noise alone
  denoise noise play 3f2a1b                     to hear it
`;

interface JsonOption {
  json?: boolean;
}

/** `denoise noise`: the noise that was captured on this machine. */
export function addNoiseCommand(program: Command, { output, signal }: CommandContext): void {
  const noise = program.command('noise').description('noise that was captured, by profiles');
  noise.addHelpText('after', EXAMPLES);
  noise
    .command('list')
    .description('pieces of noise: when, where, how long, how loud')
    .option('--profile <name>', 'only those of one profile')
    .option('--json', 'print one JSON document instead of a table')
    .action(async ({ profile, json }: JsonOption & { profile?: string }) => {
      output.configure({ json: json ?? false });
      const { listNoise } = await import('../text/noise-list.js');
      const pieces = (await openStore()).list(profile);
      output.result({ pieces });
      output.report(...listNoise(pieces));
    });
  noise
    .command('play')
    .description('play a piece')
    .argument('<PIECE>', 'six or more digits of its hash')
    .option('-o, --out <to>', 'speaker[:DEVICE], FILE.wav or none', 'speaker')
    .action(async (prefix: string, { out }: { out: string }) => {
      const store = await openStore();
      const path = store.pathOf(store.find(prefix).hash);
      const [{ openSource }, { openSink }, { LiveSession }] = await Promise.all([
        import('../../../streams/sources/open-source.js'),
        import('../../../streams/sinks/open-sink.js'),
        import('../../../streams/live/live-session.js'),
      ]);
      const source = await openSource(path);
      const session = await LiveSession.start({
        source,
        openSinks: async (format) => [await openSink(out, format)],
      });
      const stop = () => session.stop({ atOnce: true });
      signal.addEventListener('abort', stop, { once: true });
      await session.done;
      signal.throwIfAborted();
    });
  noise
    .command('drop')
    .description('forget pieces')
    .argument('[PIECE...]', 'six or more digits of each')
    .option('--profile <name>', 'all pieces of a profile')
    .action(async (prefixes: string[], { profile }: { profile?: string }) => {
      const store = await openStore();
      const wanted = profile === undefined ? prefixes : store.list(profile).map(({ hash }) => hash);
      if (prefixes.length === 0 && profile === undefined)
        throw new UsageError('E_NO_NOISE', 'No piece was named.', { hint: 'See denoise noise list.' });
      for (const prefix of wanted) output.report(`${store.drop(prefix).hash.slice(0, 12)} is dropped.`);
    });
  noise
    .command('import')
    .description('keep recordings of noise alone')
    .argument('<FILE...>', 'recordings without speech')
    .option('--profile <name>', 'profile that they belong to', 'default')
    .action(async (files: string[], { profile }: { profile: string }) => {
      const { importNoise } = await import('../../online/import-noise.js');
      const store = await openStore();
      for (const file of files) {
        signal.throwIfAborted();
        const { kept, seconds } = await importNoise(store, file, profile);
        output.report(`${file}: ${kept} new pieces of ${seconds.toFixed(1)} s`);
      }
    });
  noise
    .command('export')
    .description('copy a piece into a file')
    .argument('<PIECE>', 'six or more digits of its hash')
    .argument('<FILE>', 'where to, such as shack.wav')
    .action(async (prefix: string, file: string) => {
      const store = await openStore();
      const { hash } = store.find(prefix);
      if (existsSync(file))
        throw new OutputError('E_EXISTS', `${file} exists already.`, { hint: 'Choose another name.' });
      const { writeFileAtomically } = await import('../../files/atomic-file.js');
      writeFileAtomically(file, readFileSync(store.pathOf(hash)));
      output.report(`${prefix} → ${file}`);
    });
}

async function openStore() {
  const { NoiseStore } = await import('../../online/noise-store.js');
  return new NoiseStore();
}
