/**
 * Learns a noise from the first 70 % of a recording, synthesises as much as was held out, and compares long-term spectra:
 * with the held-out part, and with other noises. Writes the checkpoint, a WAV and a pair of spectrograms.
 *
 *     node dist/scripts/noise-synthesis.js RECORDING --out FOLDER [--against FILE,FILE…] [--epochs 600] [--hidden 64] …
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type SeqvaeConfig, seqvaeConfig } from '../models/seqvae.js';
import { createAudioOutput } from '../src/audio/create.js';
import { decodeAudioFile } from '../src/audio/decode.js';
import { SpectrogramAccumulator, spectrogramPair } from '../src/audio/plot/index.js';
import { resampleMono } from '../src/audio/resample-mono.js';
import { NoiseGenerator } from '../src/engine/noise-generator.js';
import { UsageError } from '../src/errors.js';
import { bandFrames, longTermDistance } from '../src/training/data/noise-bands.js';
import { resolveJob } from '../src/training/run/resolve-job.js';
import { trainInThread } from '../src/training/run/training-thread.js';

/** Share of the recording that is learnt from. */
const LEARNT = 0.7;

export interface NoiseSynthesisOptions {
  recording: string;
  out: string;
  against: readonly string[];
  config: SeqvaeConfig;
  epochs: number;
  batch: number;
  seed: number;
  onEpoch?: (epoch: number, loss: number) => void;
}

/** Long-term spectral distances in dB. */
export interface NoiseSynthesisReport {
  minutes: number;
  firstLoss: number;
  lastLoss: number;
  /** Of the synthesised noise to the part held out. */
  toHeldOut: number;
  /** Of the part learnt from to the part held out: what a perfect copy would have. */
  learntToHeldOut: number;
  /** Of the synthesised noise to each other noise. */
  toOthers: Record<string, number>;
  /** Deviation over time of the level of frames, in dB: held-out and synthesised. */
  levelDeviation: { heldOut: number; synthesised: number };
}

/** Learns the first part of a recording, synthesises more of it, and compares it with the rest and with other noises. */
export async function noiseSynthesis(options: NoiseSynthesisOptions): Promise<NoiseSynthesisReport> {
  const { config, out, epochs, batch, seed } = options;
  const read = async (path: string): Promise<Float32Array> => {
    const { channels, sampleRate } = await decodeAudioFile(path);
    return resampleMono(channels[0], sampleRate, config.sampleRate);
  };
  const name = basename(options.recording, extname(options.recording));
  const whole = await read(options.recording);
  const cut = Math.floor(whole.length * LEARNT);
  const [learnt, heldOut] = [whole.subarray(0, cut), whole.subarray(cut)];
  mkdirSync(join(out, 'learnt'), { recursive: true });
  await writeWav(join(out, 'learnt', `${name}.wav`), learnt, config.sampleRate);
  const settings = Object.entries(config).map(([key, value]) => [`model.${key}`, value] as const);
  const job = resolveJob(
    {
      task: 'noise-model',
      name,
      noise: join(out, 'learnt'),
      set: { ...Object.fromEntries(settings), epochs, batch, seed, heldOut: 0 },
    },
    'seqvae',
  );
  const started = performance.now();
  const losses: number[] = [];
  const { model } = await trainInThread(job, {
    folder: join(out, 'run'),
    onEvent: (event) => {
      if (event.kind !== 'epoch') return;
      losses.push(event.trainLoss);
      options.onEpoch?.(event.epoch, event.trainLoss);
    },
  });
  const minutes = (performance.now() - started) / 60_000;
  const bytes = readFileSync(model!);
  const generator = await NoiseGenerator.fromBytes(bytes);
  const noise = await generator.generate(heldOut.length, seed + 1);
  await generator.close();

  copyFileSync(model!, join(out, `${name}.onnx`));
  await writeWav(join(out, `${name}.synthesised.wav`), noise, config.sampleRate);
  const pictures = [heldOut, noise].map((samples) => {
    const picture = new SpectrogramAccumulator({ sampleRate: config.sampleRate });
    picture.push([samples]);
    return picture.finish();
  });
  const title = `${name}: held out (before), synthesised (after)`;
  writeFileSync(join(out, `${name}.png`), spectrogramPair(pictures[0], pictures[1], { title }));

  const frames = (samples: Float32Array) => bandFrames(samples, config);
  const [made, kept, known] = [await frames(noise), await frames(heldOut), await frames(learnt)];
  const toOthers: Record<string, number> = {};
  for (const path of options.against)
    toOthers[basename(path, extname(path))] = longTermDistance([made], [await frames(await read(path))]);
  return {
    minutes,
    firstLoss: losses[0],
    lastLoss: losses[losses.length - 1],
    toHeldOut: longTermDistance([made], [kept]),
    learntToHeldOut: longTermDistance([known], [kept]),
    toOthers,
    levelDeviation: {
      heldOut: levelDeviation(heldOut, config.window),
      synthesised: levelDeviation(noise, config.window),
    },
  };
}

async function writeWav(path: string, samples: Float32Array, sampleRate: number): Promise<void> {
  const output = await createAudioOutput(path, { sampleRate, channels: 1, sampleFormat: 'f32' });
  await output.write([samples]);
  await output.commit();
}

/** Deviation of the level of blocks of 16 windows, in dB: how much the noise swells. */
function levelDeviation(samples: Float32Array, window: number): number {
  const size = 16 * window;
  const levels = Array.from({ length: Math.floor(samples.length / size) }, (_, i) => {
    const block = samples.subarray(i * size, (i + 1) * size);
    return 10 * Math.log10(block.reduce((sum, s) => sum + s * s, 1e-12) / size);
  });
  const mean = levels.reduce((a, b) => a + b, 0) / levels.length;
  return Math.sqrt(levels.reduce((sum, level) => sum + (level - mean) ** 2, 0) / levels.length);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      against: { type: 'string', default: '' },
      epochs: { type: 'string', default: '600' },
      batch: { type: 'string', default: '32' },
      hidden: { type: 'string', default: '64' },
      latent: { type: 'string', default: '256' },
      bands: { type: 'string', default: '48' },
      frames: { type: 'string', default: '64' },
      code: { type: 'string', default: 'last' },
      seed: { type: 'string', default: '1' },
    },
  });
  if (positionals.length !== 1 || values.out === undefined)
    throw new UsageError('E_USAGE', 'One recording and --out FOLDER are needed.');
  const { hidden, latent, bands, frames, code } = values;
  const config = seqvaeConfig.parse({
    hidden: Number(hidden),
    latent: Number(latent),
    bands: Number(bands),
    frames: Number(frames),
    code,
  });
  const report = await noiseSynthesis({
    recording: positionals[0],
    out: values.out,
    against: values.against.split(',').filter(Boolean),
    config,
    epochs: Number(values.epochs),
    batch: Number(values.batch),
    seed: Number(values.seed),
    onEpoch: (epoch, loss) => {
      if (epoch % 50 === 0) console.error(`epoch ${epoch}: loss ${loss.toFixed(4)}`);
    },
  });
  console.log(JSON.stringify(report, undefined, 2));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
