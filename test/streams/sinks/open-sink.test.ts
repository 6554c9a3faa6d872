import { describe, expect, it } from 'vitest';
import { openSink, parseSinkSpec } from '../../../streams/sinks/open-sink.js';

const FORMAT = { sampleRate: 16_000, channels: 1 };

describe('openSink', () => {
  it.each(['none', '-', 'speaker'])(
    'refuses options of recordings for %s, and opens nothing',
    async (name) => {
      await expect(openSink(name, FORMAT, { rotateSeconds: 60 })).rejects.toMatchObject({
        code: 'E_SINK_OPTION',
        message: expect.stringContaining('rotateSeconds'),
      });
    },
  );

  it('takes options that are undefined for absent', async () => {
    const sink = await openSink(parseSinkSpec('none'), FORMAT, { keep: undefined });
    expect(sink.stats.samples).toBe(0n);
    sink.destroy();
  });

  it('refuses a name that is no output', async () => {
    await expect(openSink('talk.txt', FORMAT)).rejects.toMatchObject({ code: 'E_SINK' });
  });
});
