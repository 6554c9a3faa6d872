import { describe, expect, it } from 'vitest';
import { LiveSession } from '../../../streams/live/live-session.js';
import { NullSink } from '../../../streams/sinks/null-sink.js';
import { RtlTcpSource } from '../../../streams/sources/rtl-tcp.js';
import { HalvingDenoiser } from '../../support/live-denoisers.js';
import { ManualClock } from '../../support/manual-clock.js';
import { R820T_GREETING, ScriptedRtlTcp } from '../../support/rtl-tcp-server.js';
import { turns, until } from '../../support/until.js';

/** What rtl_tcp sends at once: half a second at 250 kS/s. */
const BLOCK_SAMPLES = 131_072;

describe('a source whose samples come in bursts', () => {
  it('is no overload: rtl_tcp at 250 kS/s is denoised by a machine that keeps up', async () => {
    const server = await ScriptedRtlTcp.listen(R820T_GREETING);
    const source = await RtlTcpSource.open({
      host: '127.0.0.1',
      port: server.port,
      centreHz: 145_062_500,
      sampleRate: 250_000,
    });
    const clock = new ManualClock();
    const denoiser = new HalvingDenoiser(1, 256, clock);
    denoiser.slowMs = 20;
    const session = await LiveSession.start({
      source,
      realtime: true,
      radio: { frequencyHz: 145e6 },
      denoiser: () => ({ denoiser, hopSeconds: 0.016, close: () => {} }),
      openSinks: async (format) => [new NullSink(format)],
      clock,
    });
    await server.clients(1);
    for (let block = 1; block <= 4; block++) {
      server.send(BLOCK_SAMPLES);
      await until(() => source.stats.samples === BigInt(block * BLOCK_SAMPLES));
      await turns();
      for (let step = 0; step < 26; step++) {
        clock.advance(20);
        await turns(3);
      }
    }
    expect(session.status.denoiser).toMatchObject({ overloads: 0, passedThroughSeconds: 0 });
    session.stop();
    for (let step = 0; step < 20; step++) {
      clock.advance(20);
      await turns(3);
    }
    await session.done;
    await server.stop();
  });
});
