/**
 * A whole night with the real program, for you to watch: noise is captured from a live stream, the model is tuned to it and judged,
 * the tuned one takes over in a live output, a bad one is tried and goes back, and the old champion returns.
 *
 *   node dist/scripts/online/night.js [--minutes 1.5] [--keep FOLDER]
 *
 * About five minutes on two free cores. Ends with 1 when something is not as it must be. A candidate that the gate refuses is
 * no failure: on a slow or busy machine too few steps fit into the time; what comes after then goes on with the gate's word overruled.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Checkpoint, writeCheckpoint } from '../../models/checkpoint.js';
import { familyByName } from '../../models/families.js';
import { ModelRegistry } from '../../models/registry.js';
import { concat } from '../../src/audio/concat.js';
import { meanPower, powerToDb } from '../../src/audio/metrics/levels.js';
import { count, initialVector } from '../../src/nn/model-builder.js';
import { describeModel } from '../../src/nn/streaming-graph.js';
import { writeNoise } from '../../src/online/noise-store.js';
import { type RetuneEvent, RetuneHistory } from '../../src/online/retune-history.js';
import { packageRoot } from '../../src/package-root.js';
import { readMono } from '../../src/training/data/clip-reader.js';
import { PLACE_NOISES } from './place-noises.js';

const RATE = 16_000;
const NOISE_SECONDS = 25;
const TALK_SECONDS = 20;
const LOOP = (NOISE_SECONDS + TALK_SECONDS) * RATE;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '1.5' }, keep: { type: 'string' } },
});
const folder = mkdtempSync(join(tmpdir(), 'denoise-night-'));
const env = { ...process.env, DENOISE_DATA: join(folder, 'data') };
const registry = new ModelRegistry(env.DENOISE_DATA);
const history = new RetuneHistory(env.DENOISE_DATA);
const place = join(folder, 'place.wav');
const program = join(packageRoot, 'bin', 'denoise.js');

try {
  await writePlace();
  say('Captures the noise of the place from a live stream.');
  await run('live', '--source', place, '--fast', '--capture', 'shack', '--out', 'none');
  const listed = await run('noise', 'list');
  say(listed.trim().split('\n').at(-1)!);

  say(`Tunes the model to it for ${values.minutes} min, and judges it.`);
  const words = ['--profile', 'shack', '--minutes', values.minutes!, '--nominate', '--json'];
  const events = (await run('retune', '--now', ...words)).trim().split('\n');
  const judged = events.map((line) => JSON.parse(line) as RetuneEvent).find(({ kind }) => kind === 'judged');
  if (judged?.kind !== 'judged') throw new Error('Nothing was judged.');
  say(`${judged.verdict}: ${judged.reason}`);
  for (const { name, value, limit, holds } of judged.checks)
    say(`  ${holds ? 'ok  ' : 'FAIL'} ${name} ${value?.toFixed(3)} (${limit})`);
  const { candidate } = registry.state().uses.speech;
  demand((candidate !== null) === (judged.verdict === 'promote'), 'the gate alone nominates');

  if (candidate !== null) {
    say('The candidate runs unheard for 10 s, then takes over, and is on probation for 60 s.');
    const heard = await tryLive(100);
    demand(registry.state().uses.speech.champion === candidate, 'the candidate is the champion');
    const [before, after] = [noiseLevel(heard, 0), noiseLevel(heard, Math.floor(heard.length / LOOP) - 1)];
    say(
      `Noise that is left in the output: ${before.toFixed(1)} dBFS before, ${after.toFixed(1)} dBFS after.`,
    );
  }

  say('Forces a regression: a model that makes everything 8 dB louder is nominated.');
  const { champion } = registry.state().uses.speech;
  registry.nominate(registry.add(Checkpoint.parse(louder(2.5)), 'night'), 'speech');
  await tryLive(50);
  demand(registry.state().uses.speech.champion === champion, 'the champion came back by itself');
  const last = history.events().at(-1);
  demand(last?.kind === 'rolled-back', 'and it is written down why');
  if (last?.kind === 'rolled-back') say(`  ${last.reason}`);

  if (champion !== null) {
    await run('models', 'rollback');
    demand(registry.state().uses.speech.champion === null, 'rolled back by hand: the shipped model serves');
  }
  say(await run('retune', '--status'));
} finally {
  if (values.keep !== undefined) cpSync(folder, values.keep, { recursive: true });
  rmSync(folder, { recursive: true });
}

/** Hum and buzz, and in the last part of it people talk 5 dB louder. */
async function writePlace(): Promise<void> {
  const sound = PLACE_NOISES.mains(NOISE_SECONDS + TALK_SECONDS);
  const speech = join(packageRoot, 'assets', 'replay', 'gate', 'speech');
  const clips = await Promise.all(
    readdirSync(speech)
      .slice(0, 12)
      .map(async (file) => concat([await readMono(join(speech, file), RATE), new Float32Array(RATE / 2)])),
  );
  const talk = concat(clips).subarray(0, TALK_SECONDS * RATE);
  const gain = 10 ** (5 / 20) * Math.sqrt(meanPower(sound) / meanPower(talk));
  for (let i = 0; i < talk.length; i++) sound[NOISE_SECONDS * RATE + i] += gain * talk[i];
  await writeNoise(place, sound, RATE);
}

/** What a live session gives while it tries the candidate; the profile it retunes on has no noise, so that it trains nothing. */
async function tryLive(seconds: number): Promise<Float32Array> {
  const heard = join(folder, 'heard.wav');
  const cron = '* * * * * *';
  const child = start('live', '--source', place, '--loop', '--retune', cron, '--out', heard, '-f');
  const known = history.events().length;
  const over = (): boolean =>
    history
      .events()
      .slice(known)
      .some(({ kind }) => kind === 'promoted' || kind === 'rolled-back');
  for (let waited = 0; waited < seconds && !over(); waited++) await sleep(1000);
  // One more round of the recording, to be heard.
  if (registry.state().uses.speech.champion !== null) await sleep((1000 * LOOP) / RATE);
  child.kill('SIGINT');
  await ended(child);
  return readMono(heard, RATE);
}

/** Level of the noise-only part of the nth round of the recording, less its first 5 s. */
function noiseLevel(heard: Float32Array, round: number): number {
  const from = round * LOOP + 5 * RATE;
  return powerToDb(meanPower(heard.subarray(from, from + (NOISE_SECONDS - 6) * RATE)) + 1e-12);
}

/** Bytes of a model that multiplies what it hears: an untrained mask with another bias. */
function louder(gain: number): Uint8Array {
  const family = familyByName('unet1d-lstm');
  const config = family.configSchema.parse({ channels: [4, 6], strides: [4, 2], hidden: 5, blocks: 1 });
  const { weights: specs, buffers } = describeModel(family, config);
  const weights = initialVector(specs, 1);
  let at = 0;
  for (const { name, shape } of specs) {
    if (name === 'decoder.0.bias') weights.set([gain, 0], at);
    at += count(shape);
  }
  return writeCheckpoint(family, config, { weights, buffers: initialVector(buffers, 1) }, { name: 'louder' });
}

function start(...words: string[]): ChildProcess {
  return spawn(process.execPath, [program, ...words], { env, stdio: ['ignore', 'pipe', 'inherit'] });
}

async function run(...words: string[]): Promise<string> {
  const child = start(...words);
  let text = '';
  child.stdout!.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const code = await ended(child);
  if (code !== 0) throw new Error(`denoise ${words.join(' ')} ended with ${code}.`);
  return text;
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.on('close', resolve));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function demand(holds: boolean, what: string): void {
  say(`  ${holds ? 'ok  ' : 'FAIL'} ${what}`);
  if (!holds) process.exitCode = 1;
}
