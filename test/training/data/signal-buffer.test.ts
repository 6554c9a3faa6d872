import { describe, expect, it } from 'vitest';
import { realFft } from '../../../src/audio/fft.js';
import { fftSizeFor, fftSizesBetween, SignalBuffer } from '../../../src/training/data/signal-buffer.js';

describe('SignalBuffer', () => {
  it.each([3456, 4096, 4608])('plays %i samples in 4096: same periods, same amplitude', (size) => {
    const buffer = new SignalBuffer(realFft(4096), 4608);
    const periods = 300;
    const signal = buffer.blank(size);
    for (let i = 0; i < size; i++) signal[i] = 0.5 * Math.sin((2 * Math.PI * periods * i) / size);
    buffer.toSpectrum(size);
    buffer.toTime();
    const errors = buffer.time.map((x, i) =>
      Math.abs(x - 0.5 * Math.sin((2 * Math.PI * periods * i) / 4096)),
    );
    expect(Math.max(...errors)).toBeLessThan(1e-4);
  });

  it('drops what a faster speed would fold back', () => {
    const buffer = new SignalBuffer(realFft(4096), 4608);
    const signal = buffer.blank(4608);
    for (let i = 0; i < 4608; i++) signal[i] = Math.sin((2 * Math.PI * 2200 * i) / 4608);
    buffer.toSpectrum(4608);
    buffer.toTime();
    expect(Math.max(...buffer.time.map(Math.abs))).toBeLessThan(1e-4);
  });

  it('forgets a longer signal entirely', () => {
    const buffer = new SignalBuffer(realFft(4096), 4608);
    buffer.blank(4608).fill(1);
    buffer.toSpectrum(4608);
    expect(Math.max(...buffer.blank())).toBe(0);
  });

  it('finds the sizes that the FFT takes', () => {
    expect([1, 33, 4096, 4097, 41_000].map(fftSizeFor)).toEqual([32, 64, 4096, 4320, 41_472]);
    expect(fftSizesBetween(3700, 4500)).toEqual(
      [3840, 3888, 4000, 4096, 4320].filter((size) => size % 32 === 0),
    );
  });
});
