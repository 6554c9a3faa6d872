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

  it('knows nothing before anything has come', () => {
    const meter = new LatencyMeter();
    meter.left(1, 5);
    expect(meter.percentile(0.5)).toBeUndefined();
  });
});
