import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { DenoiseClient } from '../../src/serve/client/denoise-client.js';
import { jsonError, PROGRAM, runDenoise } from './support/run-denoise.js';
import { noisyTone } from './support/sounds.js';
import { useWorkspace } from './support/workspace.js';

const TOKEN = 'correct horse battery';
const work = useWorkspace();
let child: ChildProcess | undefined;
afterEach(() => void child?.kill('SIGKILL'));

/** Starts the program; gives where it listens, and everything that it says. */
async function start(args: readonly string[]) {
  const said: Buffer[] = [];
  const running = spawn(
    process.execPath,
    [PROGRAM, 'serve', '--listen', '127.0.0.1:0', '--model', work.model, '--json', ...args],
    { env: { ...process.env, DENOISE_TOKEN: TOKEN } },
  );
  child = running;
  running.stderr.on('data', (data: Buffer) => said.push(data));
  const [line] = (await once(running.stdout, 'data')) as [Buffer];
  const { url } = JSON.parse(String(line)) as { url: string };
  return { running, url, said };
}

describe('denoise serve', () => {
  it.each([
    ['one process', []],
    ['two processes behind one port', ['--workers', '2']],
  ])('denoises streams in %s, and gives them all their samples on SIGTERM', async (_what, args) => {
    const { running, url, said } = await start([...args, '--drain', '0.2']);
    const noisy = Float32Array.from(noisyTone(1));
    const results = await Promise.all(
      [1, 2, 3].map(async () => {
        const parts: Float32Array[] = [];
        const onAudio = ({ samples }: { samples: Float32Array[] }) => void parts.push(samples[0]);
        const options = { sampleRate: 16_000, token: TOKEN, onAudio };
        const client = await DenoiseClient.connect(url.replace('http', 'ws'), options);
        await client.send([noisy]);
        return { client, parts };
      }),
    );
    const metrics = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(await metrics.text()).toMatch(/^denoise_serve_streams 3$/m);
    running.kill('SIGTERM');
    const [code] = (await once(running, 'exit')) as [number];
    expect(code).toBe(0);
    for (const { client, parts } of results) {
      await client.closed;
      const clean = Float32Array.from(parts.flatMap((part) => [...part]));
      expect(clean.length).toBe(noisy.length);
      expect(clean.every((x, n) => Math.abs(x - noisy[n] / 2) < 1e-4)).toBe(true);
    }
    const log = Buffer.concat(said).toString().trim().split('\n');
    expect(log.map((line) => (JSON.parse(line) as { msg: string }).msg)).toContain('stream started');
    expect(log.join('')).not.toContain('correct');
  });

  it('asks for a token where other machines can connect', async () => {
    const env: NodeJS.ProcessEnv = { ...process.env };
    delete env.DENOISE_TOKEN;
    const finished = await runDenoise(['serve', '--listen', '0.0.0.0:0', '--model', work.model, '--json'], {
      spawn: { env },
    });
    expect(finished.code).toBe(2);
    expect(jsonError(finished).code).toBe('E_TOKEN_NEEDED');
  });

  it('says what is wrong when its workers cannot start', async () => {
    const args = ['serve', '--listen', '0.0.0.0:0', '--workers', '2', '--model', 'nowhere', '--json'];
    const finished = await runDenoise(args);
    expect(finished.code).toBe(1);
    expect(jsonError(finished).code).toBe('E_SERVE_WORKERS');
  });
});
