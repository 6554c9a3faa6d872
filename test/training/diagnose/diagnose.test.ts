import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagnose, formatDiagnosis, remedyPatch } from '../../../src/training/diagnose/index.js';
import type { EpochRecord, MetricsRecord, StepRecord } from '../../../src/training/metrics.js';
import { DIVERGED, epochsOf, fallingLosses, run, seeded, stepRecord } from './curves.js';

const codes = (records: readonly MetricsRecord[], config = {}) =>
  diagnose(run(records, config)).findings.map((finding) => finding.code);
const find = (code: string, records: readonly MetricsRecord[], config = {}) =>
  diagnose(run(records, config)).findings.find((finding) => finding.code === code);
const steps = (count: number, of: (index: number) => Partial<StepRecord>): StepRecord[] =>
  Array.from({ length: count }, (_, i) => stepRecord(i + 1, of(i)));

describe('the diverged run of five epochs', () => {
  const config = {
    model: 'lstm',
    task: 'frequency',
    set: { hidden: 64, length: 1, lr: 0.001, epochs: 5 },
    lr: 0.001,
    epochs: 5,
    hidden: 64,
    layers: 1,
    batch: 1,
    length: 1,
    clipNorm: 1,
  };
  const diagnosis = diagnose(run(epochsOf(DIVERGED), config));

  it('is called diverging before all else, with its numbers', () => {
    expect(diagnosis.findings[0]).toMatchObject({ code: 'diverging', severity: 'critical' });
    const { evidence } = diagnosis.findings[0];
    expect(evidence).toMatchObject({ bestEpoch: 1, bestLoss: 0.2847, lastEpoch: 5, lastLoss: 0.458 });
    expect(evidence.rise).toBeCloseTo(0.61, 2);
    expect(evidence.largestJump).toBeCloseTo(0.425, 3);
    expect(evidence.jumpFromEpoch).toBe(1);
  });

  it('is cured by a tenth of the rate, 30 epochs and patience 10, from initial weights, and nothing else', () => {
    expect(remedyPatch(diagnosis)).toEqual({
      code: 'diverging',
      severity: 'critical',
      patch: { lr: 1e-4, epochs: 30, patience: 10 },
      start: 'initial',
    });
    expect(diagnosis.nextCommand).toBe(
      'denoise train --model lstm --task frequency --set hidden=64 --set length=1 --set lr=0.0001 --set epochs=30 --set patience=10',
    );
  });

  it('is warned of the lucky epoch, a higher rate, another architecture and regularisation', () => {
    const avoid = diagnosis.findings[0].avoid?.join(' ');
    for (const topic of [
      'checkpoint of epoch 1',
      'raise the learning rate',
      'architecture',
      'regularisation',
    ]) {
      expect(avoid).toContain(topic);
    }
    expect(diagnosis.advice).toContain('Start again from initial weights with 0.0001');
  });

  it('is also a jump, but neither a plateau nor over-fitting nor slow', () => {
    expect(diagnosis.findings.map((finding) => finding.code)).toEqual(['diverging', 'jump', 'no-validation']);
    expect(diagnosis.findings[1].evidence).toMatchObject({ fromEpoch: 1, toEpoch: 2 });
  });

  it('offers the lower rates if a tenth is not the answer', () => {
    expect(diagnosis.alternatives.map(({ settings }) => settings.lr)).toEqual([3e-4, 5e-5, 3e-5, 1e-4]);
  });

  it('once more diverging at 1e-4 goes on at 5e-5, then 3e-5', () => {
    for (const [lr, next] of [
      [1e-4, 5e-5],
      [5e-5, 3e-5],
      [3e-5, 9e-6],
    ]) {
      expect(remedyPatch(diagnose(run(epochsOf(DIVERGED), { ...config, lr })))?.patch.lr).toBe(next);
    }
  });

  it('spells the settings as the run does', () => {
    const other = diagnose(run(epochsOf(DIVERGED), { training: { learning_rate: 1e-3, num_epochs: 5 } }));
    expect(other.primary?.patch).toEqual({
      learning_rate: 1e-4,
      num_epochs: 30,
      patience: 10,
      clipNorm: 1,
    });
  });

  it('is called after three epochs, not after two', () => {
    expect(codes(epochsOf(DIVERGED.slice(0, 2)), config)).toEqual(['jump', 'no-validation']);
    expect(codes(epochsOf(DIVERGED.slice(0, 3)), config)[0]).toBe('diverging');
  });

  it('prints as text that keeps to its width', () => {
    const text = formatDiagnosis(diagnosis, { width: 80 });
    expect(text).toContain('CRITICAL  The training loss diverges');
    expect(text).toContain('lr=0.0001 epochs=30 patience=10 (from initial weights)');
    expect(text).toContain(`\n  ${diagnosis.nextCommand}\n`);
    const wrapped = text.split('\n').filter((line) => !line.includes('denoise train'));
    expect(Math.max(...wrapped.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text).not.toContain('\u001b');
    expect(formatDiagnosis(diagnosis, { colour: true })).toContain('\u001b[1;31mCRITICAL');
  });
});

describe('instability', () => {
  it('a run that never came back to its first epoch diverges, whatever the epochs between', () => {
    const factor = fc.double({ min: 1.3, max: 2.5, noNaN: true });
    fc.assert(
      fc.property(fc.array(factor, { minLength: 2, maxLength: 12 }), (factors) => {
        const losses = [0.2847, ...factors.map((by) => 0.2847 * by)];
        expect(find('diverging', epochsOf(losses), { lr: 1e-3 })).toMatchObject({
          severity: 'critical',
          patch: { lr: 1e-4 },
        });
      }),
    );
  });

  it('late divergence is called, after a long good stretch', () => {
    const losses = [...fallingLosses(20, 0.4, 0.02, 0.05), 0.05, 0.09, 0.2, 0.4];
    expect(find('diverging', epochsOf(losses), { lr: 1e-3 })?.severity).toBe('critical');
  });

  it('one spike that heals is a jump to watch, not divergence', () => {
    const losses = fallingLosses(20, 0.4, 0.02);
    losses[10] *= 2;
    expect(codes(epochsOf(losses))).not.toContain('diverging');
    expect(find('jump', epochsOf(losses), { lr: 1e-3 })?.severity).toBe('watch');
    expect(find('jump', epochsOf(losses), { lr: 1e-3 })).not.toHaveProperty('patch');
  });

  it('one step up that stays is serious', () => {
    const losses = [0.3, 0.2, 0.15, 0.12, 0.11, 0.1, 0.14, 0.139, 0.137, 0.136];
    expect(find('jump', epochsOf(losses), { lr: 1e-3 })).toMatchObject({
      severity: 'serious',
      patch: { lr: 3e-4, clipNorm: 1 },
      start: 'initial',
    });
  });

  it('swings of ±30 % are serious, of ±20 % are watched, of ±10 % are nothing', () => {
    const swinging = (size: number) =>
      Array.from({ length: 14 }, (_, i) => 0.08 * (i % 2 === 0 ? 1 : 1 + size));
    expect(find('oscillating', epochsOf(swinging(0.4)), { lr: 1e-4 })).toMatchObject({
      severity: 'serious',
      patch: { lr: 5e-5 },
      start: 'initial',
    });
    expect(find('oscillating', epochsOf(swinging(0.25)))?.severity).toBe('watch');
    expect(find('oscillating', epochsOf(swinging(0.1)))).toBeUndefined();
  });

  it('NaN at the end is critical, NaN that was recovered from is watched', () => {
    const lost = [...fallingLosses(5, 0.4, 0.1), Number.NaN, Number.NaN];
    expect(diagnose(run(epochsOf(lost), { lr: 1e-3 })).primary).toMatchObject({
      code: 'not-finite',
      severity: 'critical',
      patch: { lr: 3e-4, clipNorm: 1 },
      evidence: { firstEpoch: 6 },
    });
    const recovered = [
      ...steps(30, (i) => (i === 12 ? { trainLoss: Number.POSITIVE_INFINITY } : {})),
      ...epochsOf(fallingLosses(5, 0.4, 0.1)),
    ];
    expect(find('not-finite', recovered)).toMatchObject({ severity: 'watch', evidence: { firstStep: 13 } });
    const caught = [
      ...epochsOf(fallingLosses(5, 0.4, 0.1)),
      { kind: 'event', event: 'nan', step: 150, epoch: 2 } as const,
    ];
    expect(find('not-finite', caught)?.severity).toBe('watch');
  });

  it('a NaN in the validation alone is seen', () => {
    expect(codes(epochsOf([0.3, 0.2, 0.1], (i) => ({ validationLoss: i === 2 ? Number.NaN : 0.3 })))[0]).toBe(
      'not-finite',
    );
  });

  it('gradient norms that explode are serious, single spikes are watched, steady ones are nothing', () => {
    const base = epochsOf(fallingLosses(6, 0.4, 0.05));
    const growing = [...steps(200, (i) => ({ gradientNorm: 0.5 * 1.03 ** i })), ...base];
    expect(find('exploding-gradients', growing)).toMatchObject({
      severity: 'serious',
      patch: { clipNorm: 1 },
    });
    expect(find('exploding-gradients', growing, { lr: 1e-3, clipNorm: 1 })?.patch).toEqual({ lr: 3e-4 });
    const spike = [...steps(200, (i) => ({ gradientNorm: i === 77 ? 500 : 0.5 })), ...base];
    expect(find('exploding-gradients', spike)?.severity).toBe('watch');
    const random = seeded(3);
    const steady = [...steps(200, () => ({ gradientNorm: 0.2 + random() })), ...base];
    expect(codes(steady)).not.toContain('exploding-gradients');
  });

  it('weights that do not move are critical, and no settings are proposed', () => {
    const diagnosis = diagnose(run(epochsOf([0.5, 0.5, 0.5, 0.5]), { lr: 1e-3 }));
    expect(diagnosis.primary).toMatchObject({ code: 'not-updating', severity: 'critical' });
    expect(diagnosis.nextCommand).toBeUndefined();
    expect(remedyPatch(diagnosis)).toBeUndefined();
    const zero = steps(30, () => ({ gradientNorm: 0 }));
    expect(codes([...zero, ...epochsOf([0.5, 0.49, 0.5])])[0]).toBe('not-updating');
  });
});

describe('slowness', () => {
  const flat = (level: number) => {
    const random = seeded(5);
    return Array.from({ length: 20 }, () => level * (1 + 0.01 * random()));
  };

  it('a plateau above 0.1 raises a low rate 3× and resumes', () => {
    const diagnosis = diagnose(run(epochsOf(flat(0.3)), { lr: 1e-4, model: 'lstm' }));
    expect(diagnosis.primary).toMatchObject({ code: 'plateau', patch: { lr: 3e-4 }, start: 'resume' });
    expect(diagnosis.nextCommand).toBe('denoise train --resume runs/one --set lr=0.0003');
    expect(diagnosis.alternatives.map(({ name }) => name)).toEqual([
      'default',
      'serial',
      'long sequences',
      'larger model',
    ]);
  });

  it('a plateau at a high rate asks for a larger model, longer sequences and a lower rate', () => {
    const cure = (config: object) => find('plateau', epochsOf(flat(0.5)), config);
    expect(cure({ lr: 1e-3, hidden: 32, length: 10 })?.patch).toEqual({
      hidden: 64,
      epochs: 50,
      lr: 5e-4,
      length: 50,
      schedule: 'plateau',
      clipNorm: 1,
    });
    expect(cure({ lr: 1e-3, hidden: 64, length: 50 })?.patch).toMatchObject({
      hidden: 128,
      lr: 3e-4,
      epochs: 40,
    });
    expect(cure({ lr: 3e-3, hidden: 128, length: 50 })?.patch).toMatchObject({
      length: 1,
      lr: 1e-3,
      epochs: 30,
    });
    expect(cure({ lr: 3e-3, hidden: 128 })?.remedy).toContain('points at the data');
    expect(cure({ lr: 1e-3 })?.patch).toEqual({ lr: 5e-4, schedule: 'plateau' });
  });

  it('a plateau below 0.1, or of a loss in other units, is none', () => {
    expect(codes(epochsOf(flat(0.05)))).not.toContain('plateau');
    expect(codes(epochsOf(flat(0.5)), { loss: 'stft' })).not.toContain('plateau');
  });

  it('falling but above 0.1 after 15 epochs is slow', () => {
    const losses = Array.from({ length: 16 }, (_, i) => 0.5 * 0.95 ** i);
    expect(find('slow', epochsOf(losses), { lr: 1e-4 })).toMatchObject({
      severity: 'watch',
      patch: { lr: 3e-4 },
      start: 'resume',
    });
    expect(find('slow', epochsOf(losses), { lr: 1e-3, epochs: 16 })?.patch).toEqual({ epochs: 24 });
    expect(codes(epochsOf(losses.slice(0, 14)))).not.toContain('slow');
  });

  it('knows the usual course of the frequency task', () => {
    const losses = Array.from({ length: 6 }, (_, i) => 0.5 * 0.9 ** i);
    expect(find('behind', epochsOf(losses), { task: 'frequency' })?.evidence).toMatchObject({
      epoch: 5,
      usual: 0.2,
    });
    expect(codes(epochsOf(losses))).not.toContain('behind');
  });

  it('ended while still improving asks for more epochs; early stopped does not', () => {
    const losses = fallingLosses(20, 0.09, 0.012);
    const better = epochsOf(losses, (i) => ({ validationLoss: losses[i] * 1.05 }));
    expect(find('still-improving', better, { epochs: 20 })).toMatchObject({
      patch: { epochs: 30 },
      start: 'resume',
    });
    expect(codes(better, { epochs: 50 })).not.toContain('still-improving');
    const stopped = [...better, { kind: 'event', event: 'early stop', step: 2000, epoch: 20 } as const];
    expect(codes(stopped, { epochs: 20 })).not.toContain('still-improving');
    expect(find('early-stopped', stopped)?.severity).toBe('info');
  });

  it('early stopping that came too soon is given more patience', () => {
    const losses = [0.5, 0.3, 0.31, 0.32, 0.31, 0.33];
    expect(find('early-stopped', epochsOf(losses), { patience: 4, epochs: 50 })).toMatchObject({
      severity: 'watch',
      patch: { patience: 20 },
      evidence: { bestEpoch: 2, lastEpoch: 6 },
    });
  });

  it('a schedule dead at its minimum is serious, unless the goal was reached', () => {
    const dying = (losses: number[]) =>
      epochsOf(losses, (i) => ({ learningRate: i < 10 ? 1e-3 : 1e-7, validationLoss: losses[i] }));
    expect(find('dead-schedule', dying(fallingLosses(15, 0.4, 0.05)), { lr: 1e-3 })).toMatchObject({
      severity: 'serious',
      evidence: { epochs: 5 },
      patch: { lr: 3e-4, schedulerFactor: 0.5, schedulerPatience: 8 },
    });
    expect(find('dead-schedule', dying(fallingLosses(15, 0.4, 0.001)), { lr: 1e-3 })?.severity).toBe('info');
    expect(codes(dying(fallingLosses(15, 0.4, 0.05)), { lr: 1e-3, schedule: 'cosine' })).not.toContain(
      'dead-schedule',
    );
  });
});

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

describe('a good run', () => {
  it('is excellent, converged, and has nothing to cure', () => {
    const losses = [
      ...fallingLosses(40, 0.35, 0.0006, 0.02).map((loss) => Math.max(0.0007, loss - 0.0025)),
      ...Array.from({ length: 10 }, (_, i) => 0.0007 + 1e-6 * (i % 3)),
    ];
    const records = epochsOf(losses, (i) => ({ validationLoss: losses[i] * 1.1 }));
    const diagnosis = diagnose(
      run([...records, { kind: 'event', event: 'early stop', step: 5000, epoch: 50 }], { lr: 5e-4 }),
    );
    expect(diagnosis.tier).toBe('excellent');
    expect(diagnosis.findings.map(({ code }) => code)).toEqual(['early-stopped', 'converged']);
    expect(diagnosis.primary).toBeUndefined();
    expect(diagnosis.nextCommand).toBeUndefined();
  });

  it('is given its tier by the epoch whose weights are kept', () => {
    const losses = [
      ...fallingLosses(40, 0.35, 0.0002),
      ...Array.from({ length: 10 }, (_, i) => 0.0006 + i * 1e-7),
    ];
    const records = epochsOf(losses, (i) => ({
      validationLoss: i === 45 ? 0.00065 : losses[i] * 1.1 + 0.0005,
    }));
    const diagnosis = diagnose(run(records, {}));
    expect(diagnosis.tier).toBe('excellent');
    expect(diagnosis.kept?.epoch).toBe(46);
    expect(diagnosis.advice).toContain('excellent');
  });

  it('while it falls is left alone', () => {
    const diagnosis = diagnose(run(epochsOf(fallingLosses(8, 0.4, 0.05)), { lr: 5e-4, epochs: 50 }));
    expect(diagnosis.findings.map(({ code }) => code)).toEqual(['no-validation', 'falling']);
    expect(diagnosis.nextCommand).toBeUndefined();
  });

  it('raises no alarm for ordinary noise: 300 seeded curves with ±8 %', () => {
    const alarms: string[] = [];
    for (let seed = 1; seed <= 300; seed++) {
      const losses = fallingLosses(10 + (seed % 40), 0.35, 0.004, 0.08, seed);
      const random = seeded(seed + 1000);
      const records = epochsOf(losses, (i) => ({ validationLoss: losses[i] * (1.05 + 0.1 * random()) }));
      for (const { code, severity } of diagnose(run(records, { lr: 5e-4 })).findings) {
        if (severity === 'critical' || severity === 'serious') alarms.push(`${seed}: ${code}`);
      }
    }
    expect(alarms).toEqual([]);
  });

  it('in decibels is judged by energy ratios, without limits made for mean squared errors', () => {
    const falling = Array.from({ length: 20 }, (_, i) => -12 * (1 - Math.exp(-i / 5)));
    expect(codes(epochsOf(falling), { loss: 'sisdr' })).not.toContain('overfitting');
    const diverging = [-8, -6, -4, -3, -2];
    expect(codes(epochsOf(diverging), { loss: 'sisdr', lr: 1e-3 })[0]).toBe('diverging');
  });
});

describe('any run', () => {
  const wild = fc.oneof(
    { weight: 4, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
    { weight: 2, arbitrary: fc.double() },
    { weight: 1, arbitrary: fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY, 1e308, -1e308, 5e-324) },
  );
  const measured = {
    step: fc.nat(10_000),
    epoch: fc.nat(200),
    trainLoss: wild,
    learningRate: wild,
    gradientNorm: wild,
    seconds: wild,
    rssMB: wild,
    loaderShare: wild,
  };
  const optional = (arbitrary: fc.Arbitrary<number>) => fc.option(arbitrary, { nil: undefined });
  const record: fc.Arbitrary<MetricsRecord> = fc.oneof(
    fc.record({ kind: fc.constant('step' as const), ...measured }),
    fc.record({
      kind: fc.constant('epoch' as const),
      ...measured,
      validationLoss: optional(wild),
      testLoss: optional(wild),
      trainLossWithoutDropout: optional(wild),
    }),
    fc.record({
      kind: fc.constant('event' as const),
      step: fc.nat(10_000),
      epoch: fc.nat(200),
      event: fc.constantFrom('early stop' as const, 'nan' as const, 'finished' as const),
    }),
  );
  const config = fc.dictionary(
    fc.constantFrom(
      'lr',
      'epochs',
      'patience',
      'hidden',
      'length',
      'dropout',
      'schedule',
      'loss',
      'model',
      'set',
    ),
    fc.oneof(wild, fc.constantFrom('mse', 'cfc', 'plateau'), fc.dictionary(fc.string(), fc.jsonValue())),
  );

  it('is diagnosed without a crash, the same way twice, in finite numbers and printable text', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 60 }), config, (records, settings) => {
        const diagnosis = diagnose(run(records, settings));
        expect(diagnose(run(records, settings))).toEqual(diagnosis);
        for (const { evidence, what, remedy } of diagnosis.findings) {
          for (const value of Object.values(evidence)) expect(Number.isFinite(value)).toBe(true);
          expect(what).not.toContain('undefined');
          expect(remedy).not.toContain('undefined');
        }
        expect(JSON.parse(JSON.stringify(diagnosis))).toBeTypeOf('object');
        expect(formatDiagnosis(diagnosis).length).toBeGreaterThan(0);
        for (const value of Object.values(diagnosis.primary?.patch ?? {})) {
          if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('empty, or of one epoch, has little to say', () => {
    expect(codes([])).toEqual(['nothing-yet']);
    expect(codes(epochsOf([0.4]))).toEqual([]);
    expect(diagnose({ records: epochsOf([0.4]) }).advice).toContain('Let it go on');
  });

  it('with an epoch made twice after a resume counts the later', () => {
    const again: EpochRecord[] = epochsOf([0.3, 9, 0.2]);
    const corrected = { ...again[1], trainLoss: 0.25 };
    expect(codes([...again, corrected])).not.toContain('jump');
  });
});
