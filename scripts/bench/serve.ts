import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Rnnoise } from '@shiguredo/rnnoise-wasm';
import { Model } from '../../src/engine/model.js';
import { packageRoot } from '../../src/package-root.js';
import { Random } from '../../src/random.js';
import type { LoadFigures } from '../serve-load.js';
import type { Bench, Measurement } from './bench.js';

/** Streams that are tried, until one number of them comes back too late. */
const COUNTS = [25, 50, 75, 100, 125, 150, 200, 250];
/** A stream is late when 1 of 100 packets takes longer than this to come back, ms. */
const LATE_MS = 50;
/** What comes back of what is sent where a server keeps up, at least. */
const LEAST_RETURNED = 0.99;
const WARM_UP = 4;
const SECONDS = 8;
/** Streams and seconds for which models are compared without a socket. */
const COMPARED = 32;
const COMPARED_SECONDS = 5;

type Load = Omit<LoadFigures, 'delaysMs'> & { p50: number; p99: number };

/** Many remote streams through `denoise serve`, in batches and one by one, on one core and on two; RNNoise beside it. */
export const serve: Bench = {
  name: 'serve',
  about:
    'streams of 16 kHz over WebSocket, p99 of the added delay under 50 ms; argument: model instead of base',
  async run([model = 'base']) {
    const measurements: Measurement[] = [];
    for (const [what, cores, args] of [
      ['one core, in batches', 1, []],
      ['one core, one by one', 1, ['--batch', '1']],
      ['two cores, in batches', 2, ['--workers', '2']],
    ] as const)
      measurements.push(...(await measure(what, cores, ['--model', model, ...args])));
    return [...measurements, ...(await withoutSockets(model))];
  },
};

async function measure(what: string, cores: number, args: readonly string[]): Promise<Measurement[]> {
  const { child, url } = await start(cores, args);
  let best: (Load & { count: number }) | undefined;
  let last: (Load & { count: number }) | undefined;
  try {
    for (const count of COUNTS) {
      last = { count, ...(await load(url, count)) };
      if (last.p99 > LATE_MS || last.returned < LEAST_RETURNED) break;
      best = last;
    }
  } finally {
    child.kill('SIGTERM');
  }
  const { count, returned, serverCores, loadCores, p99 } = last!;
  return [
    {
      what: `${what}, streams in time`,
      value: best?.count ?? 0,
      unit: 'streams',
      ...(cores === 1 && args.length === 2 ? { promise: { atLeast: 150 } } : {}),
    },
    ...(best === undefined ? [] : [{ what: `${what}, p99 with so many`, value: best.p99, unit: 'ms' }]),
    { what: `${what}, p99 with ${count}`, value: p99, unit: 'ms' },
    {
      what: `${what}, by processor time with ${count}`,
      value: (count * returned) / serverCores,
      unit: `streams per core (the server had ${serverCores.toFixed(2)} cores, the clients ${loadCores.toFixed(2)})`,
    },
  ];
}

/** Starts the program on the first `cores` cores, where the system can bind it to them. */
async function start(cores: number, args: readonly string[]): Promise<{ child: ChildProcess; url: string }> {
  const program = [process.execPath, join(packageRoot, 'bin/denoise.js'), 'serve', '--listen', '127.0.0.1:0'];
  const bound = existsSync('/usr/bin/taskset')
    ? ['taskset', '-c', Array.from({ length: cores }, (_, n) => n).join(',')]
    : [];
  const [command, ...words] = [...bound, ...program, '--json', '--log-level', 'warn', ...args];
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`denoise serve ended with code ${code}.`)));
    child.stdout.on('data', (line: Buffer) => resolve((JSON.parse(String(line)) as { url: string }).url));
  });
  return { child, url };
}

async function load(url: string, count: number): Promise<Load> {
  const script = join(packageRoot, 'dist/scripts/serve-load.js');
  const args = [script, url, `${count}`, `${WARM_UP}`, `${SECONDS}`];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Load;
}

/** What the models alone cost: 32 streams in this process, hop by hop in batches, and frame by frame through RNNoise. */
async function withoutSockets(name: string): Promise<Measurement[]> {
  const model = await Model.load(name, { device: 'cpu', workers: 0, mostBatch: 32 });
  const { hop, sampleRate } = model.info;
  const random = new Random(1);
  const noise = (length: number) => Float32Array.from({ length }, () => 0.05 * random.normal());
  const streams = Array.from({ length: COMPARED }, () => model.createStream());
  const audio = noise(hop);
  const rounds = Math.ceil((COMPARED_SECONDS * sampleRate) / hop);
  const ours = await processorSeconds(async () => {
    for (let n = 0; n < rounds; n++) await Promise.all(streams.map((one) => one.process(audio)));
  });
  await model.close();
  // It was built for browsers' workers, and looks for one.
  Object.assign(globalThis, {
    WorkerGlobalScope: class {},
    self: globalThis,
    location: { href: 'file:///' },
  });
  const rnnoise = await Rnnoise.load();
  const states = Array.from({ length: COMPARED }, () => rnnoise.createDenoiseState());
  // It works at 48 kHz, on samples of 16 bits.
  const frame = noise(rnnoise.frameSize).map((x) => x * 32_768);
  const theirs = await processorSeconds(async () => {
    for (let n = 0; n < (COMPARED_SECONDS * 48_000) / rnnoise.frameSize; n++)
      for (const state of states) state.processFrame(frame.slice());
  });
  for (const state of states) state.destroy();
  const perCore = (seconds: number) => (COMPARED * COMPARED_SECONDS) / seconds;
  return [
    {
      what: `${name} alone, in batches of 32, without sockets`,
      value: perCore(ours),
      unit: 'streams per core',
    },
    {
      what: 'RNNoise (wasm) alone, one by one, without sockets',
      value: perCore(theirs),
      unit: 'streams per core',
    },
  ];
}

/** Processor time of all threads of this process for `work`, which is done once before to warm up. */
async function processorSeconds(work: () => Promise<void>): Promise<number> {
  await work();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
