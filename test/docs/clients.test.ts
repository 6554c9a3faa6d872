/** Clients of others, as the documentation has them: Python with websockets, and wscat. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { LiveTarget } from '../../src/monitor/live-target.js';
import { Monitor } from '../../src/monitor/monitor.js';
import { AudioFileSource } from '../../streams/sources/audio-file.js';
import { parseWav, wavBytes } from '../cli/support/wav-bytes.js';
import { useWorkspace } from '../cli/support/workspace.js';
import { startServe } from '../serve/support.js';
import { halving, startLive } from '../support/live-session.js';
import { testSignal } from '../support/tiny-model.js';

const ROOT = join(import.meta.dirname, '../..');
const PYTHON = '/usr/bin/python3';
const WSCAT = join(ROOT, 'node_modules/wscat/bin/wscat');
const work = useWorkspace();

/** Why the programs in Python cannot be run here; `undefined` when they can. */
const noPython = (() => {
  try {
    execFileSync(PYTHON, ['-c', 'import websockets'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'python3-websockets is not installed (apt-get install python3-websockets)';
  }
})();

/** The program in Python on a page, which connects to `url` instead. */
function pythonOn(page: string, url: string): string {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const program = /^```python\n(.*?)^```/ms.exec(text)![1];
  return program.replace(/ws:\/\/127\.0\.0\.1:\d+/, url.replace('http', 'ws'));
}

/** What wscat prints when it sends `messages` to `url`. */
async function wscat(url: string, protocol: string, message: object): Promise<string> {
  const args = [
    WSCAT,
    '-c',
    url.replace('http', 'ws'),
    '-s',
    protocol,
    '-x',
    JSON.stringify(message),
    '-w',
    '2',
  ];
  return (await promisify(execFile)(process.execPath, args)).stdout;
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function monitored(): Promise<Monitor> {
  const recording = work.at('tone.wav');
  writeFileSync(recording, wavBytes([[...testSignal(16_000)]]));
  const source = await AudioFileSource.open(recording, { pace: 'realtime', loop: true });
  const { session } = await startLive(recording, {
    source,
    realtime: true,
    denoiser: halving,
    radio: undefined,
  });
  const monitor = await Monitor.start({
    listen: { host: '127.0.0.1', port: 0 },
    target: new LiveTarget(session),
    program: 'denoise test',
  });
  closing.push(
    () => session.done.catch(() => {}),
    () => session.stop(),
    () => monitor.close(200),
  );
  return monitor;
}

describe.skipIf(noPython !== undefined)(
  `Python${noPython === undefined ? '' : ` (skipped: ${noPython})`}`,
  () => {
    it('cleans a recording through the server, in 40 lines', async () => {
      const serve = await startServe();
      const noisy = testSignal(8123).map((x) => x / 2);
      writeFileSync(work.at('in.wav'), wavBytes([[...noisy]], { sampleRate: 48_000 }));
      writeFileSync(work.at('clean.py'), pythonOn('docs/serve.md', serve.url));
      await promisify(execFile)(PYTHON, [work.at('clean.py'), work.at('in.wav'), work.at('out.wav')]);
      const { sampleRate, samples } = parseWav(readFileSync(work.at('out.wav')));
      expect([sampleRate, samples[0].length]).toEqual([48_000, 8123]);
    });

    it('hears a live session through the monitor, in 30 lines', async () => {
      const monitor = await monitored();
      writeFileSync(work.at('level.py'), pythonOn('docs/protocol.md', monitor.web.url));
      const child = spawn(PYTHON, ['-u', work.at('level.py')], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      child.kill();
      expect(Number.parseFloat(String(line))).toBeGreaterThanOrEqual(0);
    });
  },
);

describe('wscat', () => {
  it('is greeted by the monitor', async () => {
    const monitor = await monitored();
    const said = await wscat(`${monitor.web.url}/ws`, 'denoise.monitor.v1', { type: 'hello' });
    expect(said).toContain('"type":"welcome"');
  });

  it('starts a stream', async () => {
    const serve = await startServe();
    const start = { type: 'start', sampleRate: 16_000, channels: 1, codec: 's16' };
    expect(await wscat(`${serve.url}/stream`, 'denoise.serve.v1', start)).toContain('"type":"started"');
  });
});
