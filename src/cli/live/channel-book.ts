import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { RadioChannel } from '../../../streams/live/radio-options.js';
import { InputError, UsageError } from '../../errors.js';
import { makeFolder, writeFileAtomically } from '../../files/atomic-file.js';
import { dataFolder } from '../../files/data-folder.js';
import { nearest } from '../../suggest.js';
import { parseHertz } from '../text/hertz.js';
import type { LiveCommandOptions } from './command-options.js';
import { parseBandwidth, parseMode, parseSquelch, parseSquelchCode } from './radio-options.js';

/** What a channel keeps: options of `denoise live`, as they are written there. */
const channelSchema = z
  .object({
    name: z.string().min(1),
    freq: z.string(),
    mode: z.string().optional(),
    squelch: z.string().optional(),
    bandwidth: z.string().optional(),
    ctcss: z.string().optional(),
    dcs: z.string().optional(),
  })
  .strict();
const bookSchema = z.object({ version: z.literal(1), channels: z.array(channelSchema) }).strict();

export type NamedChannel = z.infer<typeof channelSchema>;

/** What a channel's options mean. @throws UsageError for what `denoise live` would refuse. */
export function radioChannelOf({ freq, squelch, bandwidth, ...channel }: NamedChannel): RadioChannel {
  const mode = parseMode(channel.mode ?? 'nbfm');
  return {
    ...{ frequencyHz: parseHertz(freq, '--freq'), mode },
    ...(squelch !== undefined && { squelch: parseSquelch(squelch) }),
    ...(bandwidth !== undefined && { bandwidthHz: parseBandwidth(bandwidth, mode) }),
    ...parseSquelchCode(channel, mode),
  };
}

/** Channels with names, in `channels.json` of the data folder: a file to edit, too. */
export class ChannelBook {
  constructor(readonly path = join(dataFolder(), 'channels.json')) {}

  /** In the order in which they were added. @throws InputError `E_CHANNELS` for a file that is none. */
  list(): NamedChannel[] {
    if (!existsSync(this.path)) return [];
    const wrong = (why: string, cause?: unknown) =>
      new InputError('E_CHANNELS', `${this.path} is no list of channels: ${why}.`, {
        hint: 'Mend the file, or move it away and add the channels again.',
        cause,
      });
    let json: unknown;
    try {
      json = JSON.parse(readFileSync(this.path, 'utf8'));
    } catch (cause) {
      throw wrong('it is not JSON', cause);
    }
    const parsed = bookSchema.safeParse(json);
    if (parsed.success) return parsed.data.channels;
    const [issue] = parsed.error.issues;
    throw wrong(`${issue?.path.join('.')} ${issue?.message}`);
  }

  /** @throws UsageError `E_NO_CHANNEL`. */
  find(name: string): NamedChannel {
    const channels = this.list();
    const found = channels.find((channel) => channel.name.toLowerCase() === name.toLowerCase());
    if (found !== undefined) return found;
    const names = channels.map((channel) => channel.name);
    const close = nearest(name, names);
    throw new UsageError('E_NO_CHANNEL', `There is no channel "${name}".`, {
      hint:
        close !== undefined
          ? `Did you mean ${close}?`
          : names.length === 0
            ? 'Add one: denoise channels add NAME FREQUENCY'
            : `There are ${names.join(', ')}.`,
    });
  }

  /** Adds a channel, or replaces the one of this name. @throws UsageError for settings that are none. */
  put(channel: NamedChannel): void {
    // Refuses what cannot be received.
    radioChannelOf(channel);
    const same = (other: NamedChannel) => other.name.toLowerCase() === channel.name.toLowerCase();
    const channels = this.list();
    const at = channels.findIndex(same);
    if (at < 0) channels.push(channel);
    else channels[at] = channel;
    this.#write(channels);
  }

  /** @throws UsageError `E_NO_CHANNEL`. */
  remove(name: string): void {
    const gone = this.find(name);
    this.#write(this.list().filter((channel) => channel.name !== gone.name));
  }

  #write(channels: NamedChannel[]): void {
    makeFolder(dirname(this.path));
    writeFileAtomically(this.path, `${JSON.stringify({ version: 1, channels }, undefined, 2)}\n`);
  }
}

/** The options with what the channel of `--channel` keeps; what is given beside it counts more. @throws UsageError */
export function withChannel(options: LiveCommandOptions, book = new ChannelBook()): LiveCommandOptions {
  if (options.channel === undefined) return options;
  const { name: _name, ...channel } = book.find(options.channel);
  const { ctcss, dcs } = options;
  // Another code replaces the channel's, of whichever kind.
  if (ctcss !== undefined || dcs !== undefined) {
    delete channel.ctcss;
    delete channel.dcs;
  }
  // A width belongs to its mode.
  if (options.mode !== undefined && options.mode !== channel.mode) delete channel.bandwidth;
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { ...channel, ...given } as LiveCommandOptions;
}
