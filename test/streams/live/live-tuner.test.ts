import { describe, expect, it } from 'vitest';
import { pressKey } from '../../../src/cli/live/keys.js';
import { RtlTcpSource } from '../../../streams/sources/rtl-tcp.js';
import { startLive } from '../../support/live-session.js';
import { R820T_GREETING, ScriptedRtlTcp } from '../../support/rtl-tcp-server.js';
import { until } from '../../support/until.js';

describe('LiveSession on a tuner', () => {
  it('moves the tuner for a frequency outside its band, and keeps it for one inside', async () => {
    const server = await ScriptedRtlTcp.listen(R820T_GREETING);
    const source = await RtlTcpSource.open({
      host: '127.0.0.1',
      port: server.port,
      centreHz: 145_256_000,
      sampleRate: 1_024_000,
    });
    const { session, sink } = await startLive('', {
      source,
      realtime: true,
      radio: { frequencyHz: 145_000_000 },
    });
    await server.clients(1);
    server.send(50_000);
    await until(() => sink.chunks.length > 0);
    const centres = () => server.commands.filter(([command]) => command === 1).map(([, hz]) => hz);
    const before = centres().length;
    await session.radio!.retune(145_100_000);
    expect(centres().length).toBe(before);
    await session.radio!.retune(433_500_000);
    await until(() => centres().length > before);
    expect(Math.abs(centres().at(-1)! - 433_500_000)).toBeLessThan(0.4 * 1_024_000);
    server.send(50_000);
    await until(() => session.radio!.status?.frequencyHz === 433_500_000);
    await expect(session.radio!.retune(5e9)).rejects.toMatchObject({ code: 'E_FREQUENCY_RANGE' });
    expect(session.radio!.frequencyHz).toBe(433_500_000);
    session.stop();
    await session.done;
    await server.stop();
  });

  it('follows keys that come faster than the samples of the places between', async () => {
    const server = await ScriptedRtlTcp.listen(R820T_GREETING);
    const address = { host: '127.0.0.1', port: server.port };
    const source = await RtlTcpSource.open({ ...address, centreHz: 145_062_500, sampleRate: 250_000 });
    const { session, sink } = await startLive('', {
      source,
      realtime: true,
      radio: { frequencyHz: 145e6 },
    });
    await server.clients(1);
    server.send(25_000);
    await until(() => sink.chunks.length > 0);
    const keys = ['right', 'up', 'up', 'left', 'right', 'down', 'left', 'up', 'right', 'up', 'up', 'right'];
    const said = await Promise.all(keys.map((key) => pressKey(session, key)));
    const wanted = 145e6 + 12_500 * (2 + 5 * 10 - 10);
    expect(said.every((line) => line.startsWith('Tuned to'))).toBe(true);
    expect(session.radio!.frequencyHz).toBe(wanted);
    server.send(25_000);
    await until(() => session.radio!.status?.frequencyHz === wanted);

    // WBFM fills the band: the radio must be moved for it, and m must not be stuck before it.
    for (const mode of ['am', 'sam', 'usb', 'lsb', 'cw', 'wbfm', 'nbfm', 'am']) {
      expect(await pressKey(session, 'm')).toBe(`Mode ${mode.toUpperCase()}.`);
      server.send(25_000);
      await until(() => session.radio!.demodulate.receiver!.options.mode === mode);
      expect(session.radio!.demodulate.receiver!.options.tuneHz).toBe(wanted);
    }
    const mashed = await Promise.all(['m', 'm', 'm'].map((key) => pressKey(session, key)));
    expect(mashed.at(-1)).toBe('Mode LSB.');
    session.stop();
    await session.done;
    await server.stop();
  });
});
