import type { LiveSession } from '../../../streams/live/live-session.js';
import { type ScanChannel, Scanner, type ScanOptions } from '../../../streams/live/scanner.js';
import { BAND_PLANS, findPlans, planFrequencies, type Region } from '../../../streams/radio/band-plans.js';
import type { SquelchOptions } from '../../../streams/radio/squelch.js';
import { toDenoiseError, UsageError } from '../../errors.js';
import { nearest } from '../../suggest.js';
import { ActivityLog } from './activity-log.js';
import { optionName } from './applicable-options.js';
import { ChannelBook, type NamedChannel, radioChannelOf } from './channel-book.js';
import type { LiveCommandOptions } from './command-options.js';
import { parseSquelch } from './radio-options.js';

/** Ratio above the noise at which a channel without a squelch of its own counts as busy, dB. */
const DEFAULT_SQUELCH: SquelchOptions = { kind: 'noise', thresholdDb: 8 };

/** Options of one frequency, which a scan has many of. */
const FOR_ONE = ['channel', 'freq', 'mode', 'bandwidth', 'ctcss', 'dcs'] as const;
/** Options that mean nothing without a scan. */
const FOR_SCANS = ['region', 'priority', 'scanDelay', 'scanMost', 'activity'] as const;

/**
 * What `--scan` asks for; `undefined` without it.
 * @throws UsageError `E_SCAN` for what cannot be scanned, and options that do not go with it; `E_NO_CHANNEL`
 */
export function planScan(options: LiveCommandOptions, book = new ChannelBook()): ScanOptions | undefined {
  const { scan, priority, scanDelay, scanMost } = options;
  if (scan === undefined) {
    const lost = FOR_SCANS.find((name) => options[name] !== undefined);
    if (lost === undefined) return undefined;
    throw wrong(
      `${optionName(lost)} is for scans.`,
      'Add --scan and the names of channels, or leave it out.',
    );
  }
  const other = FOR_ONE.find((name) => options[name] !== undefined);
  if (other !== undefined)
    throw wrong(`${optionName(other)} is for one channel, and --scan for several.`, 'Leave out one of them.');
  const squelch = options.squelch === undefined ? DEFAULT_SQUELCH : parseSquelch(options.squelch);
  const channels = namesOf(scan).flatMap((name) => channelsOf(name, squelch, options.region, book));
  const open = channels.find((channel) => channel.squelch?.kind === 'off');
  if (open !== undefined)
    throw wrong(
      `${open.name} has no squelch: the scan would stay there.`,
      'Give it one, such as --squelch 8.',
    );
  if (channels.length < 2) throw wrong(`--scan ${scan} is one channel.`, 'Listen to it with --channel.');
  const first = namesOf(priority ?? '').map((name) => {
    const found = channels.filter((channel) => sameName(channel.name, name));
    if (found.length > 0) return found;
    throw wrong(`--priority ${name} is not one of the channels.`, 'Name one that is scanned.');
  });
  for (const channel of first.flat()) channel.priority = true;
  return {
    channels,
    ...(scanDelay !== undefined && { delaySeconds: scanDelay }),
    ...(scanMost !== undefined && { mostSeconds: scanMost }),
  };
}

/** The options with what the session is to begin with: the first channel. */
export function withFirstChannel(
  options: LiveCommandOptions,
  scan: ScanOptions | undefined,
): LiveCommandOptions {
  if (scan === undefined) return options;
  const [{ frequencyHz, mode, squelch }] = scan.channels;
  const thresholdDb = squelch !== undefined && 'thresholdDb' in squelch ? squelch.thresholdDb : 'off';
  return { ...options, freq: String(frequencyHz), mode, squelch: String(thresholdDb) };
}

/** Scans until it is closed, and tells the session what it finds. @param folder of the log of activity */
export function startScan(
  session: LiveSession,
  options: ScanOptions,
  folder: string | undefined,
): { scanner: Scanner; close(): Promise<void> } {
  const scanner = new Scanner(session, options);
  const log = folder === undefined ? undefined : new ActivityLog(session, folder);
  scanner.on('began', (channel) => {
    const { name, frequencyHz } = channel;
    session.announce({ kind: 'activity-began', channel: name, frequencyHz });
    log?.begin(channel);
  });
  scanner.on('ended', (activity) => {
    const { channel, seconds: activeSeconds, snrDb } = activity;
    const { name, frequencyHz, mode } = channel;
    const file = log?.end(activity) ?? null;
    const what = { channel: name, frequencyHz, mode, activeSeconds, snrDb, file };
    session.announce({ kind: 'activity-ended', ...what });
  });
  scanner.on('unreachable', ({ name, frequencyHz }, error) => {
    const plain = toDenoiseError(error, 'Tuning').toJSON();
    session.announce({ kind: 'channel-unreachable', channel: name, frequencyHz, error: plain });
  });
  const close = async () => {
    scanner.close();
    await log?.close();
  };
  return { scanner, close };
}

const wrong = (what: string, hint: string) => new UsageError('E_SCAN', what, { hint });
const namesOf = (list: string): string[] =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
const sameName = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** The channels that a name stands for: all that are kept, one of them, or those of a band plan. */
function channelsOf(
  name: string,
  squelch: SquelchOptions,
  region: string | undefined,
  book: ChannelBook,
): ScanChannel[] {
  const kept = book.list();
  const chosen = name === 'all' ? kept : kept.filter((channel) => sameName(channel.name, name));
  if (chosen.length > 0)
    return chosen.map((channel) => ({ name: channel.name, squelch, ...radioChannelOf(channel) }));
  const plans = findPlans(name.toLowerCase(), parseRegion(region));
  if (plans.length > 1)
    throw wrong(
      `${name} is not the same in ${plans.map((plan) => plan.region).join(' and ')}.`,
      'Say where you are: --region europe or america.',
    );
  if (plans.length === 0) throw unknown(name, kept, region);
  const [{ mode, bandwidthHz, ...plan }] = plans;
  return planFrequencies({ mode, ...plan }).map((frequencyHz) => ({
    name: `${plan.name} ${(frequencyHz / 1e6).toFixed(5).replace(/0{1,2}$/, '')}`,
    ...{ frequencyHz, mode, squelch },
    ...(bandwidthHz !== undefined && { bandwidthHz }),
  }));
}

function parseRegion(text: string | undefined): Region | undefined {
  if (text === undefined || text === 'europe' || text === 'america') return text;
  throw wrong(`--region ${text} has no band plans.`, 'Choose europe or america.');
}

function unknown(name: string, kept: readonly NamedChannel[], region: string | undefined): UsageError {
  if (name === 'all') return wrong('No channels are kept.', 'Add some: denoise channels add NAME FREQUENCY');
  const plans = [...new Set(BAND_PLANS.map((plan) => plan.name))];
  const close = nearest(name, [...kept.map((channel) => channel.name), ...plans]);
  const inRegion = plans.includes(name) ? ` in ${region}` : '';
  return wrong(
    `There is no channel or band plan "${name}"${inRegion}.`,
    `${close === undefined || close === name ? '' : `Did you mean ${close}? `}Band plans: ${plans.join(', ')}; channels: denoise channels list.`,
  );
}
