import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectEarly } from '../src/engine/early-collection.js';
import { Model } from '../src/engine/model.js';
import { Random } from '../src/random.js';
import { modelDenoiser } from '../streams/denoise/model-denoiser.js';
import { LiveSession } from '../streams/live/live-session.js';
import { throughAir, toCu8 } from '../streams/radio/modulate/air.js';
import { modulateFm } from '../streams/radio/modulate/fm.js';
import { NullSink } from '../streams/sinks/null-sink.js';
import { IqFileSource } from '../streams/sources/iq-file.js';

/** Rate and place of the synthetic station: what a dongle gives by default. */
const RATE = 1_024_000;
const CENTRE_HZ = 100_000_000;
const TUNE_HZ = 100_256_000;
/** Seconds of IQ that are synthesised once and played again and again. */
const LOOP_SECONDS = 4;

export interface LiveRunOptions {
  /** Audio to run for, s. */
  seconds: number;
  /** By the clock, as from a dongle, or as fast as it goes. */
  realtime: boolean;
  /** Name or path; default the one for voice over a radio. */
  model?: string;
  /** Called about every `seconds / 20` seconds of audio. */
  onProgress?: (figures: LiveFigures) => void;
}

export interface LiveFigures {
  /** Audio so far, s. */
  seconds: number;
  elapsedSeconds: number;
  /** Processor time of all threads per time of audio. */
  processorShare: number;
  residentMiB: number;
  /** Time per hop of the model, as seen by the stream, ms. */
  hopMs: { p50: number; p99: number };
  lostSeconds: number;
  passedThroughSeconds: number;
  latencyMs: number | null;
}

/** Swelling harmonics, a voice as far as a receiver and a model can tell, on narrow FM, 20 dB over the noise: cu8. */
function station(): Uint8Array {
  const random = new Random(1);
  const sound = Float32Array.from({ length: LOOP_SECONDS * 16_000 }, (_, n) => {
    const swell = Math.max(0, Math.sin((2 * Math.PI * n * 2) / 16_000));
    let sum = 0.02 * random.normal();
    for (let k = 1; k <= 8; k++) sum += (0.2 * swell * Math.sin((2 * Math.PI * 150 * k * n) / 16_000)) / k;
    return sum;
  });
  const iq = modulateFm(sound, { audioRate: 16_000, rate: RATE, deviationHz: 5_000, audioHz: 3_000 });
  return toCu8(
    throughAir(iq, { rate: RATE, offsetHz: TUNE_HZ - CENTRE_HZ, cnrDb: 20, channelHz: 16_000, seed: 1 }),
  );
}

/** Runs the live chain on a looped recording: narrow FM at 1.024 MS/s, demodulated and denoised, to nowhere. */
export async function runLiveChain(options: LiveRunOptions): Promise<LiveFigures> {
  const { seconds, realtime, onProgress } = options;
  collectEarly();
  const folder = await mkdtemp(join(tmpdir(), 'denoise-live-'));
  const path = join(folder, 'station.cu8');
  await writeFile(path, station());
  const model = await Model.load(options.model ?? 'radio');
  try {
    const source = await IqFileSource.open(path, {
      sampleRate: RATE,
      centreHz: CENTRE_HZ,
      loop: true,
      pace: realtime ? 'realtime' : 'fast',
    });
    const session = await LiveSession.start({
      source,
      realtime,
      radio: { frequencyHz: TUNE_HZ, mode: 'nbfm' },
      denoiser: modelDenoiser(model),
      durationSeconds: seconds,
      openSinks: async (format) => [new NullSink(format)],
    });
    const started = performance.now();
    const processor = process.cpuUsage();
    const figures = (): LiveFigures => {
      const { user, system } = process.cpuUsage(processor);
      const { status } = session;
      return {
        seconds: status.seconds,
        elapsedSeconds: (performance.now() - started) / 1000,
        processorShare: (user + system) / 1e6 / Math.max(status.seconds, 1e-3),
        residentMiB: process.memoryUsage.rss() / 2 ** 20,
        hopMs: status.denoiser!.hopMs,
        lostSeconds: status.source.lostSeconds + status.sink.droppedSeconds,
        passedThroughSeconds: status.denoiser!.passedThroughSeconds,
        latencyMs: status.latency?.totalMs ?? null,
      };
    };
    let next = seconds / 20;
    const timer = setInterval(() => {
      if (session.status.seconds < next) return;
      next = session.status.seconds + seconds / 20;
      onProgress?.(figures());
    }, 100);
    await session.done.finally(() => clearInterval(timer));
    return figures();
  } finally {
    await model.close();
    await rm(folder, { recursive: true });
  }
}
