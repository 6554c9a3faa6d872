import { describe, expect, it } from 'vitest';
import { codes, epochsOf, fallingLosses, find } from './curves.js';

describe('resources and settings', () => {
  const base = fallingLosses(20, 0.4, 0.03);

  it('memory that grows is seen, memory that settles is not', () => {
    const leak = epochsOf(base, (i) => ({ rssMB: 250 + 12 * i }));
    expect(find('growing-memory', leak)?.severity).toBe('watch');
    expect(
      find(
        'growing-memory',
        epochsOf(base, (i) => ({ rssMB: 250 + 60 * i })),
      )?.severity,
    ).toBe('serious');
    const settling = epochsOf(base, (i) => ({ rssMB: 400 - 300 * Math.exp(-i) }));
    expect(codes(settling)).not.toContain('growing-memory');
  });

  it('a loader that holds the training up is seen', () => {
    expect(
      find(
        'loader-bound',
        epochsOf(base, () => ({ loaderShare: 0.4 })),
      )?.severity,
    ).toBe('watch');
    expect(codes(epochsOf(base, () => ({ loaderShare: 0.1 })))).not.toContain('loader-bound');
  });

  it('dropout without effect is seen in the settings and in the losses', () => {
    const records = epochsOf(base);
    const config = { model: 'cfc', backboneLayers: 1, backboneDropout: 0.2 };
    expect(find('dead-dropout', records, config)?.patch).toEqual({ backboneLayers: 2 });
    expect(find('dead-dropout', records, { ...config, backboneLayers: 2 })).toBeUndefined();
    const same = epochsOf(base, (i) => ({ trainLossWithoutDropout: base[i] }));
    expect(find('dead-dropout', same, { dropout: 0.3 })?.severity).toBe('watch');
    const acting = epochsOf(base, (i) => ({ trainLossWithoutDropout: base[i] * 0.9 }));
    expect(find('dead-dropout', acting, { dropout: 0.3 })).toBeUndefined();
  });

  it('unusual shapes of liquid networks are told, usual ones are not', () => {
    const records = epochsOf(base);
    const odd = {
      model: 'cfc',
      hidden: 16,
      inputs: 10,
      backboneUnits: 128,
      backboneLayers: 5,
      backboneDropout: 0.6,
    };
    const text = find('unusual-shape', records, odd)?.what;
    for (const part of ['hidden 16', '8× hidden', '5 backbone layers', 'backboneDropout 0.6']) {
      expect(text).toContain(part);
    }
    expect(find('unusual-shape', records, { model: 'ltc', activation: 'relu' })?.what).toContain('tanh');
    expect(codes(records, { model: 'cfc', hidden: 64, inputs: 20, backboneUnits: 128 })).not.toContain(
      'unusual-shape',
    );
  });
});
