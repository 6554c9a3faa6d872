import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Checkpoint } from '../../models/checkpoint.js';
import { ModelRegistry } from '../../models/registry.js';
import { roughCheckpoint } from '../support/tiny-model.js';

const models = [1, 2, 3].map((seed) => Checkpoint.parse(roughCheckpoint('unet1d-lstm', undefined, seed)));
const [one, two, three] = models.map(({ info }) => info.hash);
const coded = (code: string): unknown => expect.objectContaining({ code, hint: expect.any(String) });

let data: string;
let registry: ModelRegistry;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'denoise-registry-'));
  registry = new ModelRegistry(data);
});
afterEach(() => rmSync(data, { recursive: true, force: true }));
const add = (...which: number[]) => {
  for (const n of which) registry.add(models[n], `model ${n}`);
};
const journal = (): string => join(data, 'models', 'journal.jsonl');

describe('ModelRegistry', () => {
  it('is empty, and makes nothing, until something is kept', () => {
    expect(registry.state()).toMatchObject({
      uses: { speech: { champion: null, candidate: null }, radio: { champion: null } },
    });
    expect(registry.find('champion')).toBeUndefined();
    expect(readdirSync(data)).toEqual([]);
  });

  it('keeps each model once, as it was, with all reports', () => {
    add(0, 0);
    registry.add(models[0], 'again', { gain: 1 });
    expect(readFileSync(registry.pathOf(one)).equals(models[0].bytes)).toBe(true);
    expect([...registry.state().versions.values()]).toMatchObject([
      { version: one, origin: 'model 0', reports: [{ gain: 1 }] },
    ]);
    expect(registry.state().history).toHaveLength(2);
  });

  it('promotes by use, and goes back step by step to the model that ships', () => {
    add(0, 1);
    registry.promote(one, 'speech', { gain: 2 });
    registry.promote(one, 'speech');
    registry.promote(two, 'speech');
    expect(registry.find('champion')).toBe(two);
    expect(registry.find('radio/champion')).toBeUndefined();
    expect(registry.rollback('speech', 'clicks')).toBe(one);
    expect(registry.rollback('speech')).toBeNull();
    expect(() => registry.rollback('speech')).toThrow(coded('E_NO_ROLLBACK'));
    expect(registry.state().versions.get(two)?.reports).toEqual(['clicks']);
    expect(registry.state().versions.get(one)?.reports).toEqual([{ gain: 2 }]);
  });

  it('has a candidate, who ceases to be one when promoted', () => {
    add(0, 1);
    registry.nominate(one, 'radio');
    expect(registry.find('candidate', 'radio')).toBe(one);
    registry.nominate(two, 'radio');
    registry.promote(two, 'radio');
    expect(registry.state().uses.radio).toEqual({ champion: two, candidate: null, before: [null] });
    registry.nominate(one, 'radio');
    registry.nominate(null, 'radio');
    expect(registry.find('radio/candidate')).toBeUndefined();
  });

  it('removes what nobody uses, also from what a rollback goes back to', () => {
    add(0, 1, 2);
    for (const version of [one, two, three]) registry.promote(version, 'speech');
    expect(() => registry.remove(three)).toThrow(coded('E_VERSION_IN_USE'));
    registry.remove(two);
    expect(readdirSync(join(data, 'models', 'versions')).sort()).toEqual(
      [`${one}.onnx`, `${three}.onnx`].sort(),
    );
    expect(registry.rollback('speech')).toBe(one);
    expect(() => registry.promote(two, 'speech')).toThrow(coded('E_NO_VERSION'));
  });

  it('finds versions by six digits or more, and says when they are ambiguous', () => {
    add(0);
    expect(registry.find(one.slice(0, 6))).toBe(one);
    expect(registry.find(one.slice(0, 5))).toBeUndefined();
    expect(registry.find('not hex digits')).toBeUndefined();
    const twin = `${one.slice(0, 8)}${'0'.repeat(56)}`;
    appendFileSync(
      journal(),
      `${JSON.stringify({ kind: 'add', time: new Date().toISOString(), version: twin, origin: 'x' })}\n`,
    );
    expect(() => registry.find(one.slice(0, 8))).toThrow(coded('E_AMBIGUOUS_VERSION'));
    expect(registry.find(one.slice(0, 20))).toBe(one);
  });

  it('promotes nothing that could not serve', () => {
    add(0);
    writeFileSync(registry.pathOf(one), models[0].bytes.subarray(0, 5000));
    expect(() => registry.promote(one, 'speech')).toThrow(coded('E_CHECKPOINT_CORRUPT'));
    writeFileSync(registry.pathOf(one), models[1].bytes);
    expect(() => registry.nominate(one, 'speech')).toThrow(coded('E_CHECKPOINT_CORRUPT'));
    add(0);
    registry.promote(one, 'speech');
    const noise = registry.add(Checkpoint.parse(roughCheckpoint('seqvae', {})), 'noise');
    expect(() => registry.promote(noise, 'speech')).toThrow(coded('E_NOT_A_DENOISER'));
  });

  it('counts lines that it cannot read, and goes by the others', () => {
    add(0);
    appendFileSync(journal(), 'garbage\n{"kind":"promote"}\n{"kind":"later","time":"x"}\n');
    registry.promote(one, 'speech');
    expect(registry.state()).toMatchObject({ damagedLines: 3, uses: { speech: { champion: one } } });
  });

  it('has the champion before or after, wherever a crash cuts the journal', () => {
    add(0, 1);
    registry.promote(one, 'speech');
    const before = readFileSync(journal());
    registry.promote(two, 'speech');
    const after = readFileSync(journal());
    fc.assert(
      fc.property(fc.integer({ min: before.length, max: after.length }), (size) => {
        writeFileSync(journal(), after);
        truncateSync(journal(), size);
        const { champion } = registry.state().uses.speech;
        expect(champion).toBe(size === after.length ? two : one);
        registry.nominate(one, 'radio');
        expect(registry.state()).toMatchObject({
          damagedLines: 0,
          uses: { speech: { champion }, radio: { candidate: one } },
        });
      }),
    );
  });
});
