import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagnose, formatDiagnosis, remedyPatch } from '../../../src/training/diagnose/index.js';
import type { EpochEvent, TrainingEvent } from '../../../src/training/loop/training-events.js';
import { codes, DIVERGED, epochsOf, fallingLosses, run, seeded } from './curves.js';

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

describe('a good run', () => {
  it('is excellent, converged, and has nothing to cure', () => {
    const losses = [
      ...fallingLosses(40, 0.35, 0.0006, 0.02).map((loss) => Math.max(0.0007, loss - 0.0025)),
      ...Array.from({ length: 10 }, (_, i) => 0.0007 + 1e-6 * (i % 3)),
    ];
    const records = epochsOf(losses, (i) => ({ validationLoss: losses[i] * 1.1 }));
    const diagnosis = diagnose(
      run([...records, { kind: 'ended', reason: 'early', step: 5000, epoch: 50 }], { lr: 5e-4 }),
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
  const record: fc.Arbitrary<TrainingEvent> = fc.oneof(
    fc.record({ kind: fc.constant('step' as const), ...measured }),
    fc.record({
      kind: fc.constant('epoch' as const),
      ...measured,
      validationLoss: optional(wild),
      testLoss: optional(wild),
      trainLossWithoutDropout: optional(wild),
    }),
    fc.record({
      kind: fc.constant('ended' as const),
      step: fc.nat(10_000),
      epoch: fc.nat(200),
      reason: fc.constantFrom('early' as const, 'finished' as const),
    }),
    fc.record({
      kind: fc.constant('stepped back' as const),
      step: fc.nat(10_000),
      epoch: fc.nat(200),
      reason: fc.string(),
      rateFactor: wild,
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
    expect(diagnose({ events: epochsOf([0.4]) }).advice).toContain('Let it go on');
  });

  it('with an epoch made twice after a resume counts the later', () => {
    const again: EpochEvent[] = epochsOf([0.3, 9, 0.2]);
    const corrected = { ...again[1], trainLoss: 0.25 };
    expect(codes([...again, corrected])).not.toContain('jump');
  });
});
