import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FileSoundCard, fileSoundCard, noAlsa } from '../../support/alsa.js';
import { buildFakeRtlSdr, noFakeRtlSdr, noRtlTcp } from '../../support/fake-rtlsdr.js';
import { freePort } from '../../support/free-port.js';
import { TRANSMISSION, transmission } from '../../support/iq-fixture.js';
import { jsonError, runDenoise } from '../support/run-denoise.js';
import { noisyTone } from '../support/sounds.js';
import { standInModel } from '../support/stand-in-model.js';
import { parseWav } from '../support/wav-bytes.js';

const { rate, centreHz, tuneHz } = TRANSMISSION;

interface LiveLine {
  type: 'start' | 'status' | 'event' | 'end';
  seconds: number;
  kind?: string;
  source: { state: string; lostSeconds: number };
}

let folder: string;
let library: string;
let model: string;
/** While this file exists the dongle is unplugged. */
let gone: string;

beforeAll(async () => {
  if (noFakeRtlSdr !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'denoise-rtl-'));
  library = buildFakeRtlSdr();
  gone = join(folder, 'gone');
  writeFileSync(join(folder, 'band.cu8'), transmission(Float32Array.from(noisyTone(2))));
  model = await standInModel(folder);
}, 60_000);
afterAll(() => {
  for (const one of [folder, library]) if (one !== undefined) rmSync(one, { recursive: true });
});

function dongle(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    LD_LIBRARY_PATH: library,
    FAKE_RTLSDR_FILE: join(folder, 'band.cu8'),
    FAKE_RTLSDR_RATE: `${rate}`,
    FAKE_RTLSDR_FREQ: `${centreHz}`,
    FAKE_RTLSDR_GONE: gone,
  };
}

function rtlTcp(port: number): ChildProcess {
  const args = ['-a', '127.0.0.1', '-p', `${port}`, '-s', `${rate}`, '-f', `${centreHz}`];
  return spawn('rtl_tcp', args, { stdio: 'ignore', env: dongle() });
}

/** Kills a server that may have ended by itself. */
async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGKILL');
  await once(server, 'exit');
}

async function untilFileLonger(path: string, bytes: number): Promise<void> {
  while ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= bytes) await sleep(20);
}

/** What a running `denoise live --json` says. */
class Listening {
  readonly lines: LiveLine[] = [];
  #rest = '';

  constructor(child: ChildProcess) {
    child.stdout?.on('data', (data: Buffer) => {
      const parts = (this.#rest + data.toString()).split('\n');
      this.#rest = parts.pop()!;
      for (const part of parts) this.lines.push(JSON.parse(part));
    });
  }

  /** Resolves with the next event of a kind, after those that came before `from`. */
  async event(kind: string, from: number): Promise<void> {
    while (!this.lines.slice(from).some((line) => line.kind === kind)) await sleep(20);
  }
}

const needed = noRtlTcp ?? noAlsa;

describe.skipIf(needed !== undefined)(
  `denoise live on Debian's rtl_tcp${needed ? ` (${needed})` : ''}`,
  () => {
    it('goes on through an unplug, a hang and a restart, on speaker and into a file', {
      timeout: 120_000,
    }, async () => {
      const port = await freePort();
      let server = rtlTcp(port);
      const card: FileSoundCard = fileSoundCard();
      const path = join(folder, 'talk.wav');
      const args = [
        'live',
        '--source',
        `rtl_tcp://127.0.0.1:${port}`,
        '--rate',
        `${rate}`,
        '--freq',
        `${tuneHz}`,
      ];
      args.push('--out', path, '--out', 'speaker', '--model', model, '--json');
      await sleep(500);
      const happened = async (child: ChildProcess) => {
        const heard = new Listening(child);
        await untilFileLonger(path, 20_000);
        await untilFileLonger(card.speaker, 10_000);

        let from = heard.lines.length;
        writeFileSync(gone, '');
        await heard.event('source-retry', from);
        rmSync(gone);
        // Debian's rtl_tcp does not find the dongle again by itself: it is started anew, as systemd would.
        await end(server);
        server = rtlTcp(port);
        await heard.event('source-resumed', from);
        await untilFileLonger(path, statSync(path).size + 10_000);

        from = heard.lines.length;
        server.kill('SIGSTOP');
        await heard.event('source-retry', from);
        server.kill('SIGCONT');
        await heard.event('source-resumed', from);
        await untilFileLonger(path, statSync(path).size + 10_000);
        child.kill('SIGTERM');
        return heard;
      };
      let heard: Promise<Listening> | undefined;
      const { code, stderr } = await runDenoise(args, {
        spawn: { env: { ...process.env, ALSA_CONFIG_PATH: card.config } },
        started: (child) => {
          heard = happened(child);
          heard.catch(() => child.kill('SIGKILL'));
        },
      });
      server.kill('SIGKILL');
      const last = (await heard!).lines.at(-1)!;
      expect({ code, stderr }).toEqual({ code: 143, stderr: '' });
      expect(last.type).toBe('end');
      expect(last.source.lostSeconds).toBeGreaterThan(0);
      const bytes = readFileSync(path);
      expect(bytes.readUInt32LE(4) + 8).toBe(bytes.length);
      const { samples } = parseWav(bytes);
      expect(Math.max(...samples[0].slice(-4000))).toBeGreaterThan(0.1);
      expect(statSync(card.speaker).size).toBeGreaterThan(20_000);
      rmSync(card.folder, { recursive: true });
    });
  },
);

describe.skipIf(noFakeRtlSdr !== undefined)(
  `denoise live on a dongle${noFakeRtlSdr ? ` (${noFakeRtlSdr})` : ''}`,
  () => {
    const live = (args: string[], environment: NodeJS.ProcessEnv = {}) =>
      runDenoise(['live', '--source', 'rtlsdr', '--out', 'none', '--model', model, '--json', ...args], {
        spawn: { env: { ...dongle(), ...environment } },
      });

    it('receives', async () => {
      const finished = await live(['--freq', `${tuneHz}`, '--duration', '1', '--mode', 'nbfm']);
      expect(finished.code).toBe(0);
      const last = JSON.parse(finished.stdout.toString().trim().split('\n').at(-1)!);
      expect(last).toMatchObject({ type: 'end', seconds: 1, radio: { frequencyHz: tuneHz } });
      expect(last.latency.declaredMs).toBeLessThanOrEqual(60);
    });

    it.each<[string, string[], NodeJS.ProcessEnv, string, RegExp]>([
      ['a frequency out of its range', ['--freq', '5G'], {}, 'E_FREQUENCY_RANGE', /range/],
      ['an impossible rate', ['--freq', '100M', '--rate', '500k'], {}, 'E_SAMPLE_RATE', /1024000/],
      ['a dongle that is busy', ['--freq', '100M'], { FAKE_RTLSDR_OPEN: '-6' }, 'E_DEVICE_BUSY', /.+/],
      ['no permission', ['--freq', '100M'], { FAKE_RTLSDR_OPEN: '-3' }, 'E_PERMISSION', /udev|group|plugdev/],
      ['no dongle', ['--freq', '100M'], { FAKE_RTLSDR_FILE: '' }, 'E_NO_DEVICE', /Plug it in/],
    ])('tells of %s', async (_what, args, environment, code, hint) => {
      const finished = await live(args, environment);
      expect(finished.code).toBe(1);
      expect(jsonError(finished)).toMatchObject({ code, hint: expect.stringMatching(hint) });
    });
  },
);
