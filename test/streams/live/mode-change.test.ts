import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AudioChunk } from '../../../src/audio/chunk.js';
import type { LiveEvent } from '../../../streams/live/events.js';
import type { LiveOptions } from '../../../streams/live/live-options.js';
import { LiveSession } from '../../../streams/live/live-session.js';
import type { Mode } from '../../../streams/radio/modes.js';
import { toCu8 } from '../../../streams/radio/modulate/air.js';
import { modulateFm } from '../../../streams/radio/modulate/fm.js';
import { ChunkSink, type SinkFormat } from '../../../streams/sinks/audio-sink.js';
import { WavSink } from '../../../streams/sinks/wav-sink.js';
import { IqFileSource } from '../../../streams/sources/iq-file.js';
import { parseWav } from '../../cli/support/wav-bytes.js';
import { HalvingDenoiser } from '../../support/live-denoisers.js';
import { until } from '../../support/until.js';

const RATE = 250_000;
const SECONDS = 3;
/** What voice and music tell apart: a tone that both modes hear, and one that only WBFM does. */
const LOW_HZ = 400;
const HIGH_HZ = 12_000;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mode-change-'));
  const sound = Float32Array.from({ length: SECONDS * 48_000 }, (_, n) => {
    const t = (2 * Math.PI * n) / 48_000;
    return 0.8 * Math.sin(LOW_HZ * t) + 0.2 * Math.sin(HIGH_HZ * t);
  });
  const iq = modulateFm(sound, { audioRate: 48_000, rate: RATE, deviationHz: 5_000, audioHz: 15_000 });
  writeFileSync(join(folder, 'tone.cu8'), toCu8(iq.map((x) => 0.9 * x)));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** A sink of one rate for ever, as raw samples on a pipe are. */
class Pipe extends ChunkSink {
  readonly chunks: AudioChunk[] = [];
  protected async consume(chunk: AudioChunk): Promise<void> {
    this.chunks.push(chunk);
  }
  get sound(): Float32Array {
    return Float32Array.from(this.chunks.flatMap(({ samples }) => [...samples[0]]));
  }
}

function amplitude(samples: ArrayLike<number>, hz: number, rate: number): number {
  let re = 0;
  let im = 0;
  for (let n = 0; n < samples.length; n++) {
    re += samples[n] * Math.cos((2 * Math.PI * hz * n) / rate);
    im += samples[n] * Math.sin((2 * Math.PI * hz * n) / rate);
  }
  return (2 * Math.hypot(re, im)) / samples.length;
}

const largestStep = (samples: ArrayLike<number>): number => {
  let largest = 0;
  for (let n = 1; n < samples.length; n++) largest = Math.max(largest, Math.abs(samples[n] - samples[n - 1]));
  return largest;
};

const halving: LiveOptions['denoiser'] = ({ channels, sampleRate }: SinkFormat) => ({
  denoiser: new HalvingDenoiser(channels, Math.round(0.016 * sampleRate)),
  hopSeconds: 0.016,
  close: () => {},
});

describe.each([
  ['without a denoiser', undefined, 1],
  ['with one', halving, 0.5],
] as const)('a change of mode, %s', (_name, denoiser, gain) => {
  it('gives voice 16 kHz and WBFM 48 kHz, in every kind of sink, without a gap or a click', async () => {
    const path = join(folder, `talk-${gain}.wav`);
    const source = await IqFileSource.open(join(folder, 'tone.cu8'), { sampleRate: RATE, centreHz: 100e6 });
    let pipe!: Pipe;
    let wav!: WavSink;
    const modes: (Mode | undefined)[] = [];
    const session = await LiveSession.start({
      source,
      realtime: false,
      radio: { frequencyHz: 100e6, mode: 'nbfm' },
      ...(denoiser && {
        music: 'off',
        denoiser: (format, mode) => {
          modes.push(mode);
          return denoiser(format, mode);
        },
      }),
      openSinks: async (format) => {
        pipe = new Pipe(format);
        wav = await WavSink.open(path, { ...format, sampleFormat: 'f32' });
        return [pipe, wav];
      },
    });
    const events: LiveEvent[] = [];
    session.on('event', (event) => void events.push(event));
    await until(() => session.status.seconds > 0.5);
    await session.radio!.setMode('wbfm');
    await until(() => session.status.seconds > 1.5);
    expect(session.format.sampleRate).toBe(48_000);
    await session.radio!.setMode('nbfm');
    await session.done;

    expect(session.format.sampleRate).toBe(16_000);
    expect(modes).toEqual(denoiser ? ['nbfm', 'wbfm', 'nbfm'] : []);
    expect(events).toMatchObject([
      { kind: 'rate', sampleRate: 48_000 },
      { kind: 'file', path: wav.files[1] },
      { kind: 'rate', sampleRate: 16_000 },
    ]);
    expect(session.status.seconds).toBeCloseTo(SECONDS + session.radio!.latencySeconds, 3);

    const parts = wav.files.map((file) => parseWav(readFileSync(file)));
    expect(wav.files).toEqual([path, path.replace('.wav', '-0002.wav')]);
    expect(parts.map(({ sampleRate }) => sampleRate)).toEqual([16_000, 48_000]);
    const [voice, music] = parts.map(({ samples }) => samples[0]);
    expect(voice.length / 16_000 + music.length / 48_000).toBeCloseTo(session.status.seconds, 2);
    expect(pipe.sound.length / 16_000).toBeCloseTo(session.status.seconds, 2);

    const heard = (samples: ArrayLike<number>, hz: number, rate: number) =>
      amplitude(samples, hz, rate) / gain;
    // 5 kHz of deviation, the low tone 4 of them, of the 75 that are ±1 in WBFM; the high one through 75 µs.
    expect(heard(voice.slice(3200, 6400), LOW_HZ, 16_000)).toBeCloseTo(0.8, 1);
    expect(heard(music.slice(9600, 24_000), LOW_HZ, 48_000)).toBeCloseTo(4 / 75, 2);
    expect(heard(music.slice(9600, 24_000), HIGH_HZ, 48_000)).toBeGreaterThan(0.8 * (1 / 75) * 0.174);
    expect(heard(music.slice(-24_000, -4800), LOW_HZ, 48_000)).toBeCloseTo(0.8, 1);
    expect(heard(pipe.sound.subarray(-8000, -1600), LOW_HZ, 16_000)).toBeCloseTo(0.8, 1);

    // The last 10 ms are what a discriminator makes of nothing. Of the tone itself, and a little for the fades; a seam that clicked would step by up to 0.8.
    const ofTone = 0.8 * 2 * Math.PI * LOW_HZ;
    expect(largestStep(pipe.sound.subarray(0, -160))).toBeLessThan((1.3 * gain * ofTone) / 16_000);
    expect(largestStep(music.slice(0, -480))).toBeLessThan((1.3 * gain * ofTone) / 48_000);
  });
});
