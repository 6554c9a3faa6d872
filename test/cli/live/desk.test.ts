import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeAudioFile } from '../../../src/audio/decode.js';
import { LiveDesk } from '../../../src/cli/live/desk.js';
import type { LiveSession } from '../../../streams/live/live-session.js';
import { Recorder } from '../../../streams/live/recorder.js';
import { RtlTcpSource } from '../../../streams/sources/rtl-tcp.js';
import { startLive } from '../../support/live-session.js';
import { R820T_GREETING, ScriptedRtlTcp } from '../../support/rtl-tcp-server.js';
import { turns, until } from '../../support/until.js';

describe('the keys of denoise live', () => {
  let server: ScriptedRtlTcp;
  let radio: RtlTcpSource;
  let session: LiveSession;
  let desk: LiveDesk;
  let heard: () => number;
  const speakers = { volume: 1 as number | undefined };
  const options = () => session.radio!.demodulate.receiver!.options;

  beforeEach(async () => {
    server = await ScriptedRtlTcp.listen(R820T_GREETING);
    const address = { host: '127.0.0.1', port: server.port };
    radio = await RtlTcpSource.open({ ...address, centreHz: 145_256_000, sampleRate: 1_024_000 });
    const started = await startLive('', {
      source: radio,
      realtime: true,
      radio: { frequencyHz: 145_000_000 },
    });
    session = started.session;
    heard = () => started.sink.chunks.length;
    speakers.volume = 1;
    desk = new LiveDesk(session, speakers, new Recorder(session));
    await server.clients(1);
    server.send(50_000);
    await until(() => heard() > 0);
  });
  afterEach(async () => {
    session.stop();
    await session.done;
    await server.stop();
  });

  async function type(...keys: string[]): Promise<string> {
    let said = '';
    for (const key of keys) said = await desk.press(key);
    return said;
  }

  it('tunes to a frequency that is typed: MHz, or kHz with a k', async () => {
    expect(await type(...'145.1')).toBe('Frequency: 145.1_  MHz (⏎ tunes, Esc forgets)');
    expect(await type('return')).toBe('Tuned to 145.100 000 MHz.');
    expect(await type(...'145200k', 'return')).toBe('Tuned to 145.200 000 MHz.');
    expect(await type('9', 'backspace')).toBe('');
    expect(await type('9', 'escape')).toBe('');
    expect(await type(...'1.2.3', 'return')).toContain('is no frequency');
    expect(session.radio!.frequencyHz).toBe(145_200_000);
  });

  it('changes mode forward and back, width, squelch and frequency control', async () => {
    expect(await type('m')).toBe('Mode AM.');
    expect(await type('M')).toBe('Mode NBFM.');
    expect(await type('W')).toBe('Bandwidth 18.400 kHz.');
    expect(options().bandwidthHz).toBe(18_400);
    expect(await type(']')).toBe('Squelch 0 dB over the noise.');
    expect(await type(']', ']')).toBe('Squelch 2 dB over the noise.');
    expect(options().squelch).toEqual({ kind: 'noise', thresholdDb: 2 });
    expect(await type('[', '[', '[')).toBe('Squelch off.');
    expect(await type('[')).toBe('The squelch is off.');
    const { afc } = options();
    expect(await type('a')).toBe(`Frequency control ${afc ? 'off' : 'on'}.`);
    expect(options()).toMatchObject({ afc: !afc, bandwidthHz: 18_400 });
  });

  it('steps through the gains of the tuner, and the volume of the speakers', async () => {
    expect(await type('G')).toMatch(/^Gain 0\.\d? ?dB|^Gain 0 dB/);
    expect(await type('G', 'G')).toMatch(/^Gain \d/);
    expect(await type('g', 'g', 'g')).toBe('Gain automatic.');
    // What was set elsewhere, by --gain or on the page of the monitor, is where the keys go on.
    await radio.setGain(29.7);
    expect(await type('g')).toBe('Gain 28 dB.');
    expect(await type('v')).toBe('Volume 90 %.');
    expect(await type('V', 'V')).toBe('Volume 100 %.');
    speakers.volume = undefined;
    expect(await type('v')).toBe('There is no speaker.');
  });

  it('shows its help and hides it', async () => {
    await type('?');
    expect(desk.showsHelp).toBe(true);
    await type('?');
    expect(desk.showsHelp).toBe(false);
  });

  it('records what is heard between two presses of a key', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'denoise-desk-'));
    const recording = new LiveDesk(session, speakers, new Recorder(session, folder));
    expect(await recording.press('r')).toMatch(/^Recording to .*denoise-\d{4}-\d\d-\d\dT.*\.wav\.$/);
    const before = heard();
    server.send(100_000);
    await until(() => heard() > before + 1);
    await turns();
    expect(await recording.press('r')).toBe('Recording ended.');
    const [name] = await readdir(folder);
    expect((await decodeAudioFile(join(folder, name))).channels[0].length).toBeGreaterThan(0);
    await rm(folder, { recursive: true });
  });
});
