import { describe, expect, it } from 'vitest';
import { epochsOf, fallingLosses, find } from './curves.js';

describe('over-fitting', () => {
  const withGap = (gap: number) => {
    const losses = fallingLosses(20, 0.4, 0.03);
    return epochsOf(losses, (i) => ({ validationLoss: losses[i] + gap }));
  };

  it('gap above 0.01 is watched, above 0.05 serious, below neither', () => {
    expect(find('overfitting', withGap(0.012))?.severity).toBe('watch');
    expect(find('overfitting', withGap(0.06))?.severity).toBe('serious');
    expect(find('overfitting', withGap(0.005))).toBeUndefined();
  });

  it('a ratio above 1.5 is watched however small the losses, also in other units', () => {
    const losses = fallingLosses(20, 0.01, 0.0005);
    const records = epochsOf(losses, (i) => ({ validationLoss: losses[i] * 1.7 }));
    expect(find('overfitting', records)).toMatchObject({ severity: 'watch' });
    expect(find('overfitting', records)?.evidence.ratio).toBeCloseTo(1.7, 3);
    expect(find('overfitting', records, { loss: 'stft' })?.severity).toBe('watch');
  });

  it('a validation loss that rises while the training loss falls is serious, and names the epoch to keep', () => {
    const losses = fallingLosses(20, 0.2, 0.02);
    const records = epochsOf(losses, (i) => ({ validationLoss: 0.021 + 0.0006 * Math.abs(i - 12) }));
    expect(find('overfitting', records)).toMatchObject({ severity: 'serious', evidence: { bestEpoch: 13 } });
  });

  it('adds weight decay, patience and a little dropout where there is some', () => {
    expect(find('overfitting', withGap(0.06), { dropout: 0.1, optimizer: 'adam' })?.patch).toEqual({
      optimizer: 'adamw',
      weightDecay: 0.01,
      patience: 10,
      dropout: 0.2,
    });
    expect(
      find('overfitting', withGap(0.06), {
        optimizer: 'adamw',
        weightDecay: 0.02,
        patience: 8,
        backboneDropout: 0.35,
        backboneLayers: 1,
      })?.patch,
    ).toEqual({ backboneDropout: 0.4, backboneLayers: 2 });
  });
});
