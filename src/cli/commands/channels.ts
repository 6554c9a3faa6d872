import type { Command } from 'commander';
import type { CommandContext } from '../context.js';

const EXAMPLES = `
Examples:
  denoise channels add relay 145.6M --squelch 8 --ctcss 88.5    an NBFM channel with a name
  denoise channels add tower 118.1M --mode am --squelch 10
  denoise live --source rtlsdr --channel relay                  listens to it
`;

interface AddOptions {
  mode?: string;
  squelch?: string;
  bandwidth?: string;
  ctcss?: string;
  dcs?: string;
}

/** `denoise channels`: frequencies with names, for `denoise live --channel`. */
export function addChannelsCommand(program: Command, { output }: CommandContext): void {
  const channels = program.command('channels').description('keep frequencies under names');
  channels.addHelpText('after', EXAMPLES);
  channels
    .command('list')
    .description('the channels that are kept')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      output.configure({ json: json ?? false });
      const list = (await openBook()).list();
      output.result(list);
      const lines = list.map(({ name, freq, mode = 'nbfm', ...rest }) =>
        [
          name.padEnd(16),
          freq.padStart(10),
          mode.padEnd(4),
          ...Object.entries(rest).map((pair) => pair.join(' ')),
        ]
          .join('  ')
          .trimEnd(),
      );
      output.report(...(lines.length === 0 ? ['There are none yet.'] : lines));
    });
  channels
    .command('add')
    .description('keep a channel, or change the one of that name; settings as for denoise live')
    .argument('<NAME>', 'such as relay')
    .argument('<FREQUENCY>', 'such as 145.6M')
    .option('--mode <mode>', 'wbfm, nbfm, am, sam, usb, lsb or cw (default: nbfm)')
    .option('--squelch <dB|off>', 'silence below this ratio or level')
    .option('--bandwidth <hz>', 'width of the channel')
    .option('--ctcss <hz>', 'hear only who sends this tone')
    .option('--dcs <code>', 'hear only who sends this code')
    .action(async (name: string, freq: string, options: AddOptions) => {
      (await openBook()).put({ name, freq, ...options });
    });
  channels
    .command('remove')
    .description('forget a channel')
    .argument('<NAME>', 'its name')
    .action(async (name: string) => (await openBook()).remove(name));
}

async function openBook() {
  const { ChannelBook } = await import('../live/channel-book.js');
  return new ChannelBook();
}
