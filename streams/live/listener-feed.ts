import type { AudioChunk } from '../../src/audio/chunk.js';
import { UsageError } from '../../src/errors.js';
import { sampleReader } from '../radio/input-mixer.js';
import { chunkLength, endSecondsOf } from '../sources/chunk-source.js';
import type { IqChunk } from '../sources/iq-chunk.js';
import type { LiveEvent } from './events.js';
import type { AudioPlace, LevelsFrame, ListenerItems, ListenOptions } from './listen-options.js';
import { type SpectrumFrame, SpectrumTaker } from './spectrum-taker.js';

export type AnyChunk = AudioChunk | IqChunk;

/** Turns what passes at a place of the session, chunks or events, into the items of one listener. */
export interface ListenerFeed {
  place: AudioPlace | 'iq' | 'events';
  /** Whether it passes the chunks themselves on; it is given copies then. */
  handsOn: boolean;
  push: (item: AnyChunk | LiveEvent) => void;
}

export interface FeedContext {
  isRadio: boolean;
  levels: (chunk: AudioChunk) => LevelsFrame;
}

const KEYS: Readonly<Record<keyof ListenerItems, readonly string[]>> = {
  received: [],
  denoised: [],
  output: [],
  iq: [],
  spectrum: ['of', 'size', 'perSecond'],
  levels: ['perSecond'],
  events: [],
};
const COMMON = ['what', 'name', 'budget'];

/**
 * The feed that `options` ask for.
 *
 * @throws UsageError `E_LISTENER` for an unknown `what` or an option that does not apply; InputError `E_FFT_SIZE`
 */
export function listenerFeed(
  options: ListenOptions,
  context: FeedContext,
  offer: (item: never) => void,
): ListenerFeed {
  check(options, context);
  // `options.what` decides the type of the items; TypeScript cannot follow that through the switch.
  const give = offer as (item: unknown) => void;
  switch (options.what) {
    case 'events':
      return { place: 'events', handsOn: false, push: give };
    case 'levels':
      return { place: 'output', handsOn: false, push: levelsAt(options.perSecond ?? 10, context, give) };
    case 'spectrum': {
      const { of: place = context.isRadio ? 'iq' : 'received', size = 1024, perSecond = 10 } = options;
      const taker = new SpectrumTaker(size, perSecond, place === 'iq');
      return { place, handsOn: false, push: (chunk) => takeSpectra(taker, chunk as AnyChunk, give) };
    }
    default:
      return { place: options.what, handsOn: true, push: give };
  }
}

function levelsAt(perSecond: number, { levels }: FeedContext, give: (frame: LevelsFrame) => void) {
  let dueSeconds = 0;
  return (item: AnyChunk | LiveEvent) => {
    const chunk = item as AudioChunk;
    dueSeconds -= chunkLength(chunk) / chunk.sampleRate;
    if (dueSeconds > 0) return;
    dueSeconds += 1 / perSecond;
    give(levels(chunk));
  };
}

function takeSpectra(taker: SpectrumTaker, chunk: AnyChunk, give: (frame: SpectrumFrame) => void): void {
  const { sampleRate } = chunk;
  const block = { count: chunkLength(chunk), sampleRate, endSeconds: endSecondsOf(chunk) };
  if ('format' in chunk) {
    const value = sampleReader(chunk.samples);
    taker.push({ ...block, middleHz: chunk.centreHz }, (index, part) => value(2 * index + part), give);
    return;
  }
  const { samples } = chunk;
  const mean = (index: number) => samples.reduce((sum, channel) => sum + channel[index], 0) / samples.length;
  taker.push(block, mean, give);
}

function check(options: ListenOptions, { isRadio }: FeedContext): void {
  const { what } = options;
  if (!Object.hasOwn(KEYS, what))
    throw new UsageError('E_LISTENER', `There is nothing called "${what}" to listen to.`, {
      hint: `Choose one of ${Object.keys(KEYS).join(', ')}.`,
    });
  const odd = Object.keys(options).find((key) => !COMMON.includes(key) && !KEYS[what].includes(key));
  if (odd !== undefined)
    throw new UsageError('E_LISTENER', `The option "${odd}" does not matter for ${what}.`, {
      hint: 'Leave it out.',
    });
  const wantsIq = what === 'iq' || (what === 'spectrum' && options.of === 'iq');
  if (wantsIq && !isRadio)
    throw new UsageError('E_LISTENER', 'The source gives audio, not radio samples.', {
      hint: 'Listen to received, denoised or output.',
    });
  if ('perSecond' in options && !(Number(options.perSecond ?? 10) > 0))
    throw new UsageError('E_LISTENER', `${options.perSecond} frames per second cannot be made.`, {
      hint: 'Give a number above 0.',
    });
}
