import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { radioQuality, sharedFolder } from '../../scripts/radio-quality.js';

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
});
