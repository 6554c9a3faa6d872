import { describe, expect, it } from 'vitest';
import { LatencyMeter } from '../../../streams/live/latency-meter.js';

describe('LatencyMeter', () => {
  it('finds the time of capture under arrivals that are late at times, and a drifting clock', () => {
    const meter = new LatencyMeter();
    // Blocks of 100 ms; every third comes 40 ms late; the source runs 100 ppm slow.
    for (let k = 1; k <= 600; k++) {
      const captured = 1000 + 100 * k * 1.0001;
      meter.arrived(k / 10, captured + (k % 3 === 0 ? 40 : 0));
      meter.left((k - 1) / 10, captured + 60);
    }
    // The first sample of a block is 100 ms older than its last, and leaves 60 ms after that.
    expect(Math.abs(meter.percentile(0.5)!.total - 160)).toBeLessThan(3);
  });

  it('takes the pauses of a recording that can wait for no delay', () => {
    const meter = new LatencyMeter({ canWait: true });
    for (let k = 1; k <= 20; k++) {
      const now = 100 * k + (k > 10 ? 5000 : 0);
      meter.arrived(k / 10, now);
      meter.left((k - 1) / 10, now + 50);
    }
    expect(meter.percentile(0.99)!.total).toBeCloseTo(150, 5);
  });

  it('tells what the source holds back from what comes after', () => {
    const meter = new LatencyMeter();
    // As from rtl_tcp: 128 ms at once, in four reads; each read leaves 40 ms later, in eight blocks.
    for (let lump = 1; lump <= 50; lump++) {
      for (let read = 1; read <= 4; read++) meter.arrived(0.128 * lump - 0.032 * (4 - read), 128 * lump);
      for (let block = 0; block < 32; block++)
        meter.left(0.128 * (lump - 1) + 0.004 * block, 128 * lump + 40);
    }
    const { total, source } = meter.percentile(0.999)!;
    expect(source).toBeCloseTo(128, 5);
    expect(total - source).toBeCloseTo(40, 5);
    expect(meter.percentile(0.5)!.source).toBeCloseTo(64, -1);
  });

  it('has means that add up where part of every lump waits for the next', () => {
    const meter = new LatencyMeter();
    // Lumps of 128 ms through stages that hold 54 ms back: what leaves of a lump is its first 74 ms.
    for (let lump = 1; lump <= 50; lump++) {
      meter.arrived(0.128 * lump, 128 * lump);
      meter.left(0.128 * (lump - 1) - 0.054, 128 * lump + 10, 0.128);
    }
    // Of 16 parts the oldest sample each; seven of them lie before the lump.
    const { total, source } = meter.mean(128)!;
    expect(total).toBeCloseTo(132, 5);
    expect(total - source).toBeCloseTo(10 + (7 / 16) * 128, 5);
  });

  it('tells of the last blocks alone, also after it has gone round', () => {
    const meter = new LatencyMeter();
    meter.arrived(0, 0);
    for (let k = 0; k < 3000; k++) meter.left(0, k < 2900 ? 500 : 50);
    expect(meter.mean(100)!.total).toBeCloseTo(50, 5);
    expect(meter.mean(101)!.total).toBeCloseTo(50 + 450 / 101, 5);
    expect(meter.percentile(99 / 1024)!.total).toBeCloseTo(50, 5);
    expect(meter.percentile(100 / 1024)!.total).toBeCloseTo(500, 5);
    for (let k = 0; k < 924; k++) meter.left(0, 50);
    expect(meter.percentile(1)!.total).toBeCloseTo(50, 5);
  });

  it('forgets', () => {
    const meter = new LatencyMeter();
    meter.arrived(1, 1000);
    meter.left(0.9, 1010);
    expect(meter.percentile(0.5)).toBeDefined();
    meter.forget();
    expect(meter.percentile(0.5)).toBeUndefined();
  });

  it('knows nothing before anything has come', () => {
    const meter = new LatencyMeter();
    meter.left(1, 5);
    expect(meter.percentile(0.5)).toBeUndefined();
  });
});
