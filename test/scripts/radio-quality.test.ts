import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { radioQuality, sharedFolder } from '../../scripts/radio-quality.js';
import { Receiver } from '../../streams/radio/receiver.js';

const present = existsSync(join(sharedFolder(), 'iq', 'manifest.json'));

describe.skipIf(!present)('on the shared recordings (skipped without them)', () => {
  it('demodulates within 1 dB of GNU Radio, at the declared delay, without a start transient', async () => {
    const results = await radioQuality();
    expect(results.map(({ mode }) => mode)).toEqual(['wbfm', 'nbfm', 'am', 'usb']);
    for (const { file, ours, gnuRadio, lagError, startPeak, peak } of results) {
      expect(ours, file).toBeGreaterThan(gnuRadio - 0.3);
      expect(Math.abs(lagError), file).toBeLessThan(0.2);
      expect(startPeak, file).toBeLessThan(0.5 * peak);
    }
  });

  it('opens the squelch for the real 144.5 MHz transmission only, also when mistuned by 1.3 kHz', () => {
    const bytes = readFileSync(join(sharedFolder(), 'iq', 'kpbenz_nbfm_144470k_280k.cu8'));
    const tuning = {
      inputRate: 280_000,
      centreHz: 144.47e6,
      mode: 'nbfm',
      squelch: { kind: 'noise' },
    } as const;
    for (const tuneHz of [144.5003e6, 144.499e6]) {
      const receiver = new Receiver({ ...tuning, tuneHz });
      const open: boolean[] = [];
      const power: number[] = [];
      for (let at = 0; at < bytes.length; at += 56_000) {
        const { audio, status } = receiver.process(bytes.subarray(at, at + 56_000));
        open.push(status.squelchOpen);
        power.push(audio.reduce((sum, v) => sum + v * v, 0) / audio.length);
      }
      // In tenths of a second: the carrier is there from 0.9 to 4.5 s, with a voice in it, and silence around it.
      expect(open.slice(0, 9)).not.toContain(true);
      expect(open.slice(10, 44)).not.toContain(false);
      expect(open.slice(48)).not.toContain(true);
      expect(power.slice(12, 44).reduce((sum, v) => sum + v, 0) / 32).toBeGreaterThan(1e-3);
      expect(Math.abs(tuneHz + receiver.status.afcHz - 144.5003e6)).toBeLessThan(300);
    }
  });
});
