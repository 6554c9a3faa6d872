import type { AudioChunk } from '../../src/audio/chunk.js';
import { boundedSamples } from '../../src/audio/finite-guard.js';
import { SampleQueue } from '../../src/audio/sample-queue.js';
import { type Discontinuity, mergeDiscontinuities } from '../discontinuity.js';
import { SignalTrack, signalOf } from '../signal-track.js';

/** A place where the stream breaks: samples are missing before it, or the signal is another one from there on. */
interface Break {
  /** Index among the samples received, gaps not counted. */
  at: number;
  firstSample: bigint;
  discontinuity: Discontinuity | undefined;
}

interface WetPiece {
  start: number;
  samples: Float32Array[];
}

export interface MixTimelineOptions {
  /** Hz. */
  sampleRate: number;
  channels: number;
  /** Length of every fade, samples: between dry and wet, and on both sides of a break. */
  fadeSamples: number;
  /**
   * So many samples before the squelch shuts are marked as noise after a transmission: as many as always wait here, so that
   * the mark does not depend on the time that anything takes. Default 0.
   */
  closingSamples?: number;
  /** Shown the dry and the wet samples of each stretch before they are mixed; it may change the wet ones. */
  onPair?: (dry: readonly Float32Array[], wet: readonly Float32Array[]) => void;
}

/**
 * The samples of a stream that wait to be emitted, dry (as they came) and wet (denoised), in step with each other, and
 * the mix of the two. Indices count the samples received, without gaps.
 */
export class MixTimeline {
  /** Samples taken in. */
  received = 0;
  /** Samples given out. */
  emitted = 0;
  /** Share of wet in the mix that is aimed at, 0 … 1. */
  target = 1;
  readonly #dry: SampleQueue[];
  readonly #wet: WetPiece[] = [];
  readonly #breaks: Break[] = [];
  readonly #signal = new SignalTrack();
  #segment: Break | undefined;
  #announce: Discontinuity | undefined;
  #mix: number | undefined;

  constructor(private readonly options: MixTimelineOptions) {
    this.#dry = Array.from({ length: options.channels }, () => new SampleQueue());
  }

  /** Takes samples in. @returns true when the stream breaks before them. */
  write(chunk: AudioChunk): boolean {
    const { firstSample, discontinuity, samples } = chunk;
    const last = this.#breaks.at(-1) ?? this.#segment;
    const due = last === undefined ? undefined : last.firstSample + BigInt(this.received - last.at);
    const breaks = last === undefined || discontinuity !== undefined || firstSample !== due;
    if (breaks)
      this.#break({ at: this.received, firstSample, discontinuity: discontinuity ?? gap(firstSample, due) });
    this.#noteSignal(chunk);
    samples.forEach((channel, c) => void this.#dry[c].push(boundedSamples(channel)));
    this.received += samples[0].length;
    return breaks;
  }

  #noteSignal(chunk: AudioChunk): void {
    const state = signalOf(chunk);
    const { at } = this.#breaks.at(-1) ?? this.#segment!;
    if (this.#signal.newest.squelchOpen && state.squelchOpen === false)
      this.#signal.noteClosing(this.received, this.options.closingSamples ?? 0, Math.max(at, this.emitted));
    this.#signal.note(this.received, state);
  }

  /** Where the segment ends in which sample `index` lies: at the next break, or at the last sample received. */
  segmentEnd(index: number): number {
    return this.#breaks.find(({ at }) => at > index)?.at ?? this.received;
  }

  /** Copies of dry samples that were not emitted yet. */
  dry(start: number, count: number): Float32Array[] {
    return this.#dry.map((queue) => queue.peek(count, start - this.emitted).slice());
  }

  /** Adds wet samples; those whose time has passed are left out. */
  addWet(start: number, samples: Float32Array[]): void {
    const late = Math.max(0, this.emitted - start);
    if (late >= samples[0].length) return;
    this.#wet.push({ start: start + late, samples: samples.map((channel) => channel.subarray(late)) });
  }

  /** The first wet samples that wait, and whether later ones do, too. */
  get wet(): { start: number; end: number; more: boolean } | undefined {
    const [piece] = this.#wet;
    if (piece === undefined) return undefined;
    return { start: piece.start, end: piece.start + piece.samples[0].length, more: this.#wet.length > 1 };
  }

  /** Emits samples dry, within a segment and before any wet ones; a chunk for each state of the squelch. */
  takeDry(count: number): AudioChunk[] {
    this.#mix = 0;
    return this.#take(this.#dry.map((queue) => queue.take(count)));
  }

  /** Emits samples mixed, within a segment and within the first wet ones. */
  takeMixed(count: number): AudioChunk[] {
    const [piece] = this.#wet;
    const wet = piece.samples.map((channel) => channel.subarray(0, count));
    const mixed = this.#dry.map((queue) => queue.take(count));
    this.options.onPair?.(mixed, wet);
    this.#blend(mixed, wet);
    if (count === piece.samples[0].length) this.#wet.shift();
    else {
      piece.start += count;
      piece.samples = piece.samples.map((channel) => channel.subarray(count));
    }
    return this.#take(mixed);
  }

  #break(next: Break): void {
    const last = this.#breaks.at(-1);
    if (this.#segment === undefined) this.#enter(next);
    else if (last?.at === next.at)
      Object.assign(last, next, {
        discontinuity: mergeDiscontinuities(last.discontinuity, next.discontinuity),
      });
    else if (next.at === this.emitted) this.#enter(next);
    else this.#breaks.push(next);
  }

  #enter(segment: Break): void {
    this.#segment = segment;
    this.#announce = mergeDiscontinuities(this.#announce, segment.discontinuity);
  }

  /** From dry towards wet by the current share, which moves to its target at the speed of the fade. */
  #blend(mixed: Float32Array[], wet: readonly Float32Array[]): void {
    const { target } = this;
    const step = 1 / this.options.fadeSamples;
    const from = this.#mix ?? target;
    let mix = from;
    mixed.forEach((out, c) => {
      mix = from;
      for (let n = 0; n < out.length; n++) {
        mix = mix < target ? Math.min(target, mix + step) : Math.max(target, mix - step);
        // At the ends to the bit what it was.
        out[n] = mix === 1 ? wet[c][n] : out[n] + mix * (wet[c][n] - out[n]);
      }
    });
    this.#mix = mix;
  }

  #take(samples: Float32Array[]): AudioChunk[] {
    const segment = this.#segment!;
    this.#fadeEdges(samples, segment);
    const end = this.emitted + samples[0].length;
    let from = 0;
    const chunks = this.#signal.take(this.emitted, end).map(({ count, state }) => {
      const chunk: AudioChunk = {
        samples: samples.map((channel) => channel.subarray(from, from + count)),
        sampleRate: this.options.sampleRate,
        firstSample: segment.firstSample + BigInt(this.emitted - segment.at),
        ...(this.#announce === undefined ? {} : { discontinuity: this.#announce }),
        ...state,
      };
      this.#announce = undefined;
      from += count;
      this.emitted += count;
      return chunk;
    });
    if (this.#breaks[0]?.at === this.emitted) this.#enter(this.#breaks.shift()!);
    return chunks;
  }

  /** Two signals that do not fit together meet at zero: no click. */
  #fadeEdges(samples: Float32Array[], segment: Break): void {
    const { fadeSamples } = this.options;
    const fromStart = this.emitted - segment.at;
    const toEnd = (this.#breaks[0]?.at ?? Number.POSITIVE_INFINITY) - this.emitted;
    const fadesIn = segment.at > 0 && fromStart < fadeSamples;
    if (!fadesIn && toEnd - samples[0].length >= fadeSamples) return;
    for (const channel of samples) {
      for (let n = 0; n < channel.length; n++) {
        const rise = segment.at > 0 ? (fromStart + n) / fadeSamples : 1;
        channel[n] *= Math.min(1, rise, (toEnd - n - 1) / fadeSamples);
      }
    }
  }
}

function gap(firstSample: bigint, due: bigint | undefined): Discontinuity | undefined {
  if (due === undefined) return undefined;
  const lostSamples = firstSample > due ? firstSample - due : 0n;
  return { lostSamples, reason: `${lostSamples} samples are missing` };
}
