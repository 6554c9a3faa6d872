import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Bench, Measurement } from './bench.js';

const PROGRAM = fileURLToPath(new URL('../../../bin/denoise.js', import.meta.url));

/** Seconds of audio that are synthesised once and sent again and again: the sender must cost next to nothing. */
const LOOP_SECONDS = 10;

interface Case {
  what: string;
  sampleRate: number;
  channels: number;
  minutes: number;
  promisedSpeed: number;
}

/** Whole runs of the program on recordings that come through a pipe, so that no disk is measured. */
export const file: Bench = {
  name: 'file',
  about:
    'denoise - < WAV > WAV in a process of its own; first argument: minutes of audio instead of 60 and 10',
  async run([minutes, model]) {
    const asked = minutes === undefined ? undefined : Number(minutes);
    const cases: Case[] = [
      { what: '48 kHz stereo', sampleRate: 48_000, channels: 2, minutes: asked ?? 60, promisedSpeed: 15 },
      { what: '16 kHz mono', sampleRate: 16_000, channels: 1, minutes: asked ?? 10, promisedSpeed: 25 },
    ];
    const measured: Measurement[] = [];
    for (const one of cases) measured.push(...(await measure(one, model)));
    return measured;
  },
};

async function measure(
  { what, sampleRate, channels, minutes, promisedSpeed }: Case,
  model: string | undefined,
): Promise<Measurement[]> {
  const seconds = minutes * 60;
  const loop = noisyTones(sampleRate, channels);
  const child = spawn(
    process.execPath,
    [PROGRAM, '-', '--json', ...(model === undefined ? [] : ['--model', model])],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const closed = once(child, 'close');
  let report = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    report += text;
  });
  child.stdout.resume();
  // The child may end early, with a sentence that is shown below.
  child.stdin.on('error', () => {});
  const start = performance.now();
  child.stdin.write(wavHeader(sampleRate, channels, seconds));
  for (let sent = 0; sent < seconds && child.exitCode === null; sent += LOOP_SECONDS) {
    const part = loop.subarray(0, (loop.length / LOOP_SECONDS) * Math.min(LOOP_SECONDS, seconds - sent));
    if (!child.stdin.write(part)) await Promise.race([once(child.stdin, 'drain'), closed]);
  }
  child.stdin.end();
  await closed;
  const elapsed = (performance.now() - start) / 1000;
  if (child.exitCode !== 0) throw new Error(`denoise ended with ${child.exitCode}: ${report}`);
  const { peakMemoryMiB, processorSeconds } = JSON.parse(report) as Record<string, number>;
  const label = `${minutes} min of ${what}`;
  return [
    {
      what: `${label}, start to end`,
      value: seconds / elapsed,
      unit: '× real time',
      promise: { atLeast: promisedSpeed },
    },
    // What a busy machine does not change.
    {
      what: `${label}, by processor time`,
      value: seconds / processorSeconds,
      unit: 's per second of one core',
    },
    { what: `${label}, peak memory`, value: peakMemoryMiB, unit: 'MiB', promise: { atMost: 400 } },
  ];
}

/** Header of a 16-bit PCM WAV file. Layout: Multimedia Programming Interface and Data Specifications 1.0. */
function wavHeader(sampleRate: number, channels: number, seconds: number): Buffer {
  const dataBytes = seconds * sampleRate * channels * 2;
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

/** Swelling harmonics of 150 Hz in white noise, different on every channel: `LOOP_SECONDS` of interleaved 16-bit PCM. */
function noisyTones(sampleRate: number, channels: number): Buffer {
  const frames = LOOP_SECONDS * sampleRate;
  const bytes = Buffer.alloc(frames * channels * 2);
  let state = 1;
  for (let n = 0; n < frames; n++) {
    const swell = Math.max(0, Math.sin((2 * Math.PI * n * 2) / sampleRate));
    for (let c = 0; c < channels; c++) {
      let tone = 0;
      for (let k = 1; k <= 8; k++) tone += Math.sin((2 * Math.PI * 150 * k * n) / sampleRate + c) / k;
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      const hiss = state / 2 ** 31 - 1;
      bytes.writeInt16LE(Math.round(32_767 * (0.15 * swell * tone + 0.05 * hiss)), (n * channels + c) * 2);
    }
  }
  return bytes;
}
