import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { analyseStudy } from '../../../src/tuning/analyse/analysis.js';
import { importances } from '../../../src/tuning/analyse/importance.js';
import { htmlReport } from '../../../src/tuning/analyse/report.js';
import { chart } from '../../../src/tuning/analyse/svg.js';
import { resultsDocument, trialsCsv } from '../../../src/tuning/analyse/tables.js';
import { writeAnalysis } from '../../../src/tuning/analyse/write-analysis.js';
import type { StudyView } from '../../../src/tuning/study-view.js';
import { practiceStudy } from '../../../src/tuning/testing/practice.js';

/** A study of trainings, with the results that those write down. */
function trainings(count: number): StudyView {
  const study = practiceStudy(count);
  const result = (value: number) => ({
    finalTrainLoss: value,
    finalValidationLoss: value + 0.02,
    bestValidationLoss: value,
    epochsCompleted: 9,
    trainValGap: 0.02,
    seconds: 10 + value,
    memoryMB: 500,
    examplesPerSecond: 100,
    model: 'a,"b".onnx',
  });
  return {
    ...study,
    trials: study.trials.map((trial) =>
      trial.values === undefined
        ? trial
        : { ...trial, started: 0, attributes: { result: result(trial.values[0]) } },
    ),
  };
}

it('finds what decides: the learning rate, whose influence is by far the largest', () => {
  const [first, ...rest] = importances(practiceStudy(200));
  expect(first.name).toBe('lr');
  expect(first.share).toBeGreaterThan(2 * rest[1].share!);
  const sum = [first, ...rest].reduce((total, { share }) => total + share!, 0);
  expect(sum).toBeCloseTo(1);
  const optimizer = rest.find(({ name }) => name === 'optimizer')!;
  expect(optimizer.marginals.map(({ value }) => value)).toEqual(['adam', 'adamw']);
});

it('says nothing of importance before there are trials to say it from', () => {
  expect(importances(practiceStudy(4)).every(({ share }) => share === undefined)).toBe(true);
  expect(analyseStudy(practiceStudy(0)).summary).toBeUndefined();
});

it('has the top five, the summary, and the gap of each with its verdict', () => {
  const { top, summary, overfitting, counts } = analyseStudy(trainings(40));
  expect(top).toHaveLength(5);
  expect(summary!.best).toBe(top[0].values![0]);
  expect(summary!.best).toBeLessThanOrEqual(summary!.median);
  expect(overfitting).toHaveLength(5);
  expect(overfitting.every(({ verdict }) => verdict === 'watch')).toBe(true);
  expect(Object.values(counts).reduce((a, b) => a + b, 0)).toBe(40);
});

it("writes the guide's results, a table, a report and charts", () => {
  const folder = mkdtempSync(join(tmpdir(), 'analysis-'));
  const paths = writeAnalysis(folder, trainings(40), [practiceStudy(10)]);
  for (const path of paths) expect(existsSync(path)).toBe(true);
  const document = JSON.parse(readFileSync(join(folder, 'hyperparameter_results.json'), 'utf8'));
  expect(Object.keys(document.results[0])).toEqual(
    expect.arrayContaining([
      'finalTrainLoss',
      'finalValidationLoss',
      'bestValidationLoss',
      'epochsCompleted',
      'trainValGap',
      'model',
      'hyperparameters',
    ]),
  );
  expect(readFileSync(join(folder, 'history.png')).subarray(1, 4).toString()).toBe('PNG');
  rmSync(folder, { recursive: true });
});

it('quotes what a table of commas must quote', () => {
  const [head, first] = trialsCsv(trainings(1)).split('\r\n');
  expect(head).toContain('trial,state,value,last step,last value,lr');
  expect(first).toContain('"a,""b"".onnx"');
  expect(resultsDocument(practiceStudy(0))).toMatchObject({ results: [] });
});

it('makes one page that loads nothing, and escapes what others wrote', () => {
  const study = { ...trainings(40), name: '<script>alert(1)</script>', attributes: { note: 'a < b & c' } };
  for (const studies of [[study], [study, practiceStudy(30)], [practiceStudy(0)]]) {
    const page = htmlReport(studies);
    expect(page).not.toMatch(/<script|src=|href=|NaN|undefined/);
    expect(page.match(/<svg/g)?.length ?? 0).toBeGreaterThanOrEqual(studies[0].trials.length === 0 ? 0 : 8);
  }
  expect(htmlReport([study])).toContain('a &lt; b &amp; c');
});

it('counts a training that was cut off just before it ended as what it is: not complete', () => {
  const study = trainings(1);
  const [{ values: _values, ...rest }] = study.trials;
  const cut: StudyView = { ...study, trials: [{ ...rest, state: 'running' }] };
  expect(htmlReport([cut])).toContain('no complete trial yet');
  expect(resultsDocument(cut)).toMatchObject({ results: [] });
  expect(trialsCsv(cut).split('\r\n')[1]).toMatch(/^0,running,/);
});

it('draws a curve of one report as a dot: a line would have no length', () => {
  const drawn = chart({ lines: [{ points: [{ x: 1, y: 2 }] }] }, { x: 'step', y: 'loss' });
  expect(drawn.match(/<circle/g)).toHaveLength(1);
});
