import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TRANSMISSION, transmission } from '../support/iq-fixture.js';
import { noisyTone } from './support/sounds.js';
import { parseWav } from './support/wav-bytes.js';

const README = fileURLToPath(new URL('../../README.md', import.meta.url));
const LIBRARY = fileURLToPath(new URL('../../dist/src/index.js', import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'denoise-readme-'));
  writeFileSync(join(folder, 'band.cu8'), transmission(Float32Array.from(noisyTone(1.5))));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** Replaces exactly one place. */
function swap(text: string, from: string, to: string): string {
  expect(text.split(from), `${from} in the example of the README`).toHaveLength(2);
  return text.replace(from, () => to);
}

/** Runs a program of the README in the folder. */
async function run(code: string): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  writeFileSync(join(folder, 'example.mjs'), code);
  const child = spawn(process.execPath, ['example.mjs'], { cwd: folder });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => (stdout += text));
  child.stderr.on('data', (text) => (stderr += text));
  const [exitCode] = await once(child, 'close');
  return { exitCode, stdout, stderr };
}

const blocks = [...readFileSync(README, 'utf8').matchAll(/```js\n(.*?)```/gs)].map(([, block]) => block);

describe('the programs in the README', () => {
  it('denoise audio in memory and in chunks', async () => {
    const { exitCode, stdout, stderr } = await run(`
      ${swap(blocks[0], "'denoise'", JSON.stringify(LIBRARY))}
      console.log(clean.length, left.length + tail[0].length, right.length + tail[1].length);`);
    expect({ exitCode, stderr, stdout }).toEqual({ exitCode: 0, stderr: '', stdout: '44100 9600 9600\n' });
  });

  it('receive, denoise and record, from a recording instead of a dongle and without a speaker', async () => {
    const { rate, centreHz, tuneHz } = TRANSMISSION;
    let code = swap(blocks[1], "'denoise'", JSON.stringify(LIBRARY));
    code = swap(
      code,
      "'rtlsdr', { sampleRate, centreHz }",
      `'iq:band.cu8', { recording: ${JSON.stringify({ sampleRate: rate, centreHz })} }`,
    );
    code = swap(code, '145.5e6', `${tuneHz}`);
    code = swap(code, "'speaker'", "'none'");
    code = swap(code, '=> session.stop(), 60_000)', '=> session.stop(), 60_000).unref()');
    const { exitCode, stdout, stderr } = await run(code);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/rmsDb: -\d/);
    const { samples, sampleRate } = parseWav(readFileSync(join(folder, 'talk.wav')));
    expect(sampleRate).toBe(16_000);
    expect(samples[0].length).toBeGreaterThan(1.4 * 16_000);
    expect(Math.max(...samples[0])).toBeGreaterThan(0.02);
  });

  it('chain the parts as streams', async () => {
    const { rate, centreHz, tuneHz } = TRANSMISSION;
    let code = swap(blocks[2], "'denoise'", JSON.stringify(LIBRARY));
    code = swap(
      code,
      '{ sampleRate: 250_000, centreHz: 100e6 }',
      JSON.stringify({ sampleRate: rate, centreHz }),
    );
    code = swap(code, '100.02e6', `${tuneHz}`);
    const { exitCode, stderr } = await run(code);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const { samples } = parseWav(readFileSync(join(folder, 'chain.wav')));
    expect(samples[0].length).toBeGreaterThan(1.4 * 16_000);
    expect(Math.max(...samples[0])).toBeGreaterThan(0.02);
  });
});
