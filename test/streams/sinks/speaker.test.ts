import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SpeakerSink } from '../../../streams/sinks/speaker.js';
import { type FileSoundCard, fileSoundCard, noAlsa } from '../../support/alsa.js';
import { until } from '../../support/until.js';
import { RATE, sinkConformance, tone } from './conformance.js';

const format = { sampleRate: RATE, channels: 1 };
const { ALSA_CONFIG_PATH, PATH } = process.env;
let card: FileSoundCard;

beforeEach(() => {
  card = fileSoundCard();
  process.env.ALSA_CONFIG_PATH = card.config;
});
afterEach(() => {
  process.env.PATH = PATH;
  if (ALSA_CONFIG_PATH === undefined) delete process.env.ALSA_CONFIG_PATH;
  else process.env.ALSA_CONFIG_PATH = ALSA_CONFIG_PATH;
  rmSync(card.folder, { recursive: true });
});

/** What the sound card was given. */
function played(): Int16Array {
  const bytes = readFileSync(card.speaker);
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
}

sinkConformance({ name: 'speaker', skip: noAlsa, open: () => SpeakerSink.open(format) });
sinkConformance({
  name: 'speaker of a live source',
  skip: noAlsa,
  open: () => SpeakerSink.open({ ...format, live: true }),
});

describe.skipIf(noAlsa !== undefined)(`speaker ${noAlsa ?? ''}`, () => {
  it('plays every sample of a recording, by the real aplay', async () => {
    const sink = await SpeakerSink.open(format);
    const whole = tone(RATE);
    for (let start = 0; start < RATE; start += 500) {
      const samples = [whole.samples[0]!.subarray(start, start + 500)];
      if (!sink.write({ ...whole, samples, firstSample: BigInt(start) })) await once(sink, 'drain');
    }
    sink.end();
    await finished(sink);
    const wanted = Int16Array.from(whole.samples[0]!, (value) => Math.round(value * 32_768));
    expect(played().subarray(0, RATE)).toEqual(wanted);
  });

  it('plays a live source through the drift compensator, after a head start, tail included', async () => {
    const sink = await SpeakerSink.open({ ...format, live: true });
    sink.write(tone(RATE / 2));
    sink.end();
    await finished(sink);
    const wanted = tone(RATE / 2).samples[0]!;
    const silence = 0.04 * RATE;
    expect([...played().subarray(0, silence)].every((value) => value === 0)).toBe(true);
    const heard = played().subarray(silence);
    expect(heard.length).toBeGreaterThanOrEqual(RATE / 2 - 20);
    for (let i = 100; i < 1000; i++) expect(Math.abs(heard[i]! / 32_768 - wanted[i]!)).toBeLessThan(1e-3);
  });

  it('makes room when the speaker ran dry', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'player-'));
    const program = join(folder, 'aplay');
    const script =
      'head -c 1280 >/dev/null; echo "underrun!!! (at least 12.000 ms long)" >&2; cat >"$PLAYED"';
    writeFileSync(program, `#!/bin/sh\n${script}\n`);
    chmodSync(program, 0o755);
    process.env.PATH = `${folder}:${PATH}`;
    process.env.PLAYED = card.speaker;
    const sink = await SpeakerSink.open({ ...format, live: true });
    await until(() => sink.stats.underruns === 1);
    sink.end();
    await finished(sink);
    expect(played().length).toBe(0.03 * RATE);
    delete process.env.PLAYED;
    rmSync(folder, { recursive: true });
  });

  it('says that there is no such device', async () => {
    const sink = await SpeakerSink.open({ ...format, device: 'hw:77' });
    const [error] = await once(sink, 'error');
    expect(error).toMatchObject({ name: 'DeviceError', code: 'E_NO_DEVICE' });
  });

  it('does not give what aplay always says for the reason that it ended', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'player-'));
    const banner = "Playing raw data 'stdin' : Signed 16 bit Little Endian, Rate 16000 Hz, Mono";
    writeFileSync(join(folder, 'aplay'), `#!/bin/sh\necho "${banner}" >&2\n`);
    chmodSync(join(folder, 'aplay'), 0o755);
    process.env.PATH = `${folder}:${PATH}`;
    const [error] = await once(await SpeakerSink.open(format), 'error');
    expect(error).toMatchObject({ code: 'E_SOUND_PROGRAM', message: 'aplay ended.' });
    rmSync(folder, { recursive: true });
  });

  it.each([false, true])('does not wait for ever for a player that hangs (live: %s)', async (live) => {
    const folder = mkdtempSync(join(tmpdir(), 'player-'));
    writeFileSync(join(folder, 'aplay'), '#!/bin/sh\nexec sleep 100\n');
    chmodSync(join(folder, 'aplay'), 0o755);
    process.env.PATH = `${folder}:${PATH}`;
    const sink = await SpeakerSink.open({ ...format, live, exitTimeoutSeconds: 0.2 });
    sink.end(tone(live ? 16_000 : 160, 0));
    const [error] = await once(sink, 'error');
    expect(error).toMatchObject({ code: 'E_SOUND_PROGRAM', message: 'aplay does not exit.' });
    rmSync(folder, { recursive: true });
  });

  it('names what to install when there is no program', async () => {
    process.env.PATH = '/nowhere';
    await expect(SpeakerSink.open(format)).rejects.toMatchObject({ code: 'E_NO_SOUND_PROGRAM' });
  });
});
