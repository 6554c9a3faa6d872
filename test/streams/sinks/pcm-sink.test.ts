import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { NullSink } from '../../../streams/sinks/null-sink.js';
import { PcmSink } from '../../../streams/sinks/pcm-sink.js';
import { RATE, sinkConformance, tone } from './conformance.js';

const format = { sampleRate: RATE, channels: 1 };

sinkConformance({ name: 'null', open: async () => new NullSink(format) });
sinkConformance({
  name: 'raw PCM',
  open: async () => {
    const target = new PassThrough();
    target.resume();
    return new PcmSink({ ...format, target });
  },
});

describe('raw PCM', () => {
  it('is interleaved, little-endian, of the format asked for', async () => {
    const target = new PassThrough();
    const sink = new PcmSink({ sampleRate: RATE, channels: 2, sampleFormat: 's16', target });
    const samples = [Float32Array.of(0.5, -1), Float32Array.of(0, 2)];
    sink.end({ samples, sampleRate: RATE, firstSample: 0n });
    await finished(sink);
    expect(target.read()).toEqual(Buffer.from(Int16Array.of(16384, 0, -32768, 32767).buffer));
  });

  it('holds the writer back while the reader does not read', async () => {
    const target = new PassThrough({ highWaterMark: 100 });
    const sink = new PcmSink({ ...format, target });
    while (sink.write(tone(1600)));
    for (let i = 0; i < 20; i++) await new Promise(setImmediate);
    expect(sink.stats.samples).toBeLessThanOrEqual(1600n);
    target.resume();
    sink.end();
    await finished(sink);
  });

  it('goes on quietly, counting, after the reader has gone', async () => {
    const reader = spawn('sh', ['-c', 'head -c 100 >/dev/null']);
    const sink = new PcmSink({ ...format, target: reader.stdin });
    let gone = 0;
    sink.on('reader-gone', () => gone++);
    let first = 0;
    while (gone === 0) {
      if (!sink.write(tone(1600, first))) await once(sink, 'drain');
      first += 1600;
    }
    sink.end(tone(1600, first));
    await finished(sink);
    expect(sink.readerGone).toBe(true);
    expect(gone).toBe(1);
    expect(sink.stats.droppedSamples).toBeGreaterThan(0n);
    expect(sink.stats.state).toBe('finished');
  });
});
