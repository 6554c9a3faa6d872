/**
 * Lines of a waterfall as bytes: half a decibel per step, whole or as what changed. Runs in browsers. Laid out in
 * docs/protocol.md.
 */
import { FRAME_VERSION, FrameError } from '../../web/audio-frame.js';

export const SPECTRUM_KIND = 2;
export const SPECTRUM_HEADER_BYTES = 40;

/** Places that have a spectrum, by their number in the frame. */
export const SPECTRUM_PLACES = ['received', 'denoised', 'output', 'iq'] as const;
export type SpectrumPlace = (typeof SPECTRUM_PLACES)[number];

/** Value 0 is this, dBFS, and each step half a decibel more: 255 is 7.5 dB above full scale. */
const LEAST_DB = -120;
const STEPS_PER_DB = 2;
/** A bin that moved by this or less is not sent again, steps: 1.5 dB. */
const TOLERANCE = 3;
/** A delta of more than this share of the bins costs as much as a whole line. */
const MOST_CHANGED = 0.6;
/** A run goes on over so many unchanged bins: a run's own head costs 4 bytes. */
const BRIDGE = 4;
/** A client that joins late sees nothing until a whole line comes; one in so many is. */
const WHOLE_EVERY = 50;

export interface SpectrumLine {
  place: SpectrumPlace;
  sequence: number;
  /** When its last sample was taken, seconds since the source started. */
  seconds: number;
  /** Frequency of the first bin and distance of two, Hz. */
  firstHz: number;
  stepHz: number;
  /** Power per bin in steps of half a decibel above −120 dBFS. */
  values: Uint8Array;
}

/** dBFS as the byte of a line. */
export const toStep = (db: number): number =>
  Math.max(0, Math.min(255, Math.round((db - LEAST_DB) * STEPS_PER_DB)));

/** The byte of a line as dBFS. */
export const toDb = (step: number): number => LEAST_DB + step / STEPS_PER_DB;

/** Makes messages of the lines of one place; each client has its own, since each starts at another time. */
export class SpectrumEncoder {
  #last: Uint8Array | undefined;
  #firstHz = Number.NaN;
  #stepHz = Number.NaN;
  #sequence = 0;

  constructor(private readonly place: SpectrumPlace) {}

  /** The next line as a message. @param powerDb `[bins]`, dBFS */
  encode(line: { seconds: number; firstHz: number; stepHz: number; powerDb: Float32Array }): Uint8Array {
    const values = Uint8Array.from(line.powerDb, toStep);
    const isNew =
      this.#last?.length !== values.length ||
      this.#firstHz !== line.firstHz ||
      this.#stepHz !== line.stepHz ||
      this.#sequence % WHOLE_EVERY === 0;
    const runs = isNew ? undefined : changedRuns(this.#last!, values);
    const isDelta = runs !== undefined;
    const size = isDelta ? runs.reduce((sum, [from, to]) => sum + 4 + to - from, 0) : values.length;
    const bytes = new Uint8Array(SPECTRUM_HEADER_BYTES + size);
    const view = new DataView(bytes.buffer);
    bytes[0] = SPECTRUM_KIND;
    bytes[1] = FRAME_VERSION;
    bytes[2] = SPECTRUM_PLACES.indexOf(this.place);
    bytes[3] = isDelta ? 1 : 0;
    view.setUint32(4, this.#sequence++, true);
    view.setFloat64(8, line.seconds, true);
    view.setFloat64(16, line.firstHz, true);
    view.setFloat64(24, line.stepHz, true);
    view.setUint32(32, values.length, true);
    let at = SPECTRUM_HEADER_BYTES;
    for (const [from, to] of runs ?? [[0, values.length]]) {
      if (isDelta) {
        view.setUint16(at, from, true);
        view.setUint16(at + 2, to - from, true);
        at += 4;
      }
      bytes.set(values.subarray(from, to), at);
      at += to - from;
      if (isDelta) this.#last!.set(values.subarray(from, to), from);
    }
    if (!isDelta) this.#last = values;
    this.#firstHz = line.firstHz;
    this.#stepHz = line.stepHz;
    return bytes;
  }

  /** The next line is sent whole: the client may have missed some. */
  restart(): void {
    this.#last = undefined;
  }
}

/** Stretches `[from, to)` that changed; `undefined` where so much did that a whole line is shorter. */
function changedRuns(before: Uint8Array, now: Uint8Array): [number, number][] | undefined {
  const runs: [number, number][] = [];
  let cost = 0;
  for (let n = 0; n < now.length; n++) {
    if (Math.abs(now[n] - before[n]) <= TOLERANCE) continue;
    const run = runs.at(-1);
    if (run !== undefined && n - run[1] <= BRIDGE) {
      cost += n + 1 - run[1];
      run[1] = n + 1;
    } else {
      runs.push([n, n + 1]);
      cost += 5;
    }
    if (cost > MOST_CHANGED * now.length || n > 0xffff) return undefined;
  }
  return runs;
}

/** Reads the lines of one place; a delta needs the line before. */
export class SpectrumDecoder {
  #values: Uint8Array | undefined;

  /** @returns the line, or `undefined` for a delta without what it builds on. @throws FrameError for broken bytes */
  decode(bytes: Uint8Array): SpectrumLine | undefined {
    if (bytes.length < SPECTRUM_HEADER_BYTES) throw new FrameError('A spectrum frame has at least 40 bytes.');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const place = SPECTRUM_PLACES[bytes[2]];
    const bins = view.getUint32(32, true);
    if (bytes[0] !== SPECTRUM_KIND || bytes[1] !== FRAME_VERSION || place === undefined || bytes[3] > 1)
      throw new FrameError('This is no spectrum frame of a known version.');
    if (bytes[3] === 0) {
      if (bytes.length !== SPECTRUM_HEADER_BYTES + bins)
        throw new FrameError('A whole line has one byte per bin.');
      this.#values = bytes.slice(SPECTRUM_HEADER_BYTES);
    } else {
      if (this.#values?.length !== bins) return undefined;
      applyRuns(view, bytes, this.#values);
    }
    return {
      place,
      sequence: view.getUint32(4, true),
      seconds: view.getFloat64(8, true),
      firstHz: view.getFloat64(16, true),
      stepHz: view.getFloat64(24, true),
      values: this.#values,
    };
  }
}

function applyRuns(view: DataView, bytes: Uint8Array, values: Uint8Array): void {
  for (let at = SPECTRUM_HEADER_BYTES; at < bytes.length; ) {
    if (at + 4 > bytes.length) throw new FrameError('A run is cut off.');
    const from = view.getUint16(at, true);
    const count = view.getUint16(at + 2, true);
    at += 4;
    if (from + count > values.length || at + count > bytes.length)
      throw new FrameError('A run leaves the line.');
    values.set(bytes.subarray(at, at + count), from);
    at += count;
  }
}
