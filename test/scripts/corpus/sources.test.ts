import { describe, expect, it } from 'vitest';
import { anonymousName, clipName } from '../../../scripts/corpus/clip-name.js';
import { type ManifestRow, manifestCsv, summarise } from '../../../scripts/corpus/manifest.js';
import { selectPaths } from '../../../scripts/corpus/select.js';
import { corpusSources } from '../../../scripts/corpus/sources.js';
import { recordingGroup } from '../../../src/training/data/recording-group.js';

const sourceOf = (name: string) => corpusSources.find((source) => source.name === name)!;

describe('the sources', () => {
  it('have names of their own, a revision or version, and a licence that allows commercial use', () => {
    expect(new Set(corpusSources.map(({ name }) => name)).size).toBe(corpusSources.length);
    for (const { origin, licence, licenceIn } of corpusSources) {
      if ('repository' in origin) {
        expect(origin.repository).toMatch(/^[\w.-]+\/[\w.-]+$/);
        expect(origin.revision).toMatch(/^[0-9a-f]{40}$/);
      } else expect(origin.version).not.toBe('');
      expect(licence).not.toMatch(/\bNC\b|non-?commercial/i);
      expect(licenceIn).not.toBe('');
    }
  });

  it('hold out whole languages, voices and kinds', () => {
    expect(sourceOf('tofugu').heldOut!.test('mp3')).toBe(true);
    expect(sourceOf('speechocean762').heldOut!.test('0001')).toBe(true);
    expect(sourceOf('speechocean762').heldOut!.test('0005')).toBe(false);
    expect(sourceOf('mimic3-samples').heldOut!.test('tn_ZA/google-nwu_low/sample_0378')).toBe(true);
  });
});

describe('selectPaths', () => {
  it('takes only what a list of the source names', () => {
    const paths = ['WAVE/SPEAKER0003/01.WAV', 'WAVE/SPEAKER0004/02.WAV', 'README.md'];
    const listing = '01\tWAVE/SPEAKER0003/01.WAV\n';
    expect(selectPaths(sourceOf('speechocean762'), paths, listing)).toEqual([
      { path: 'WAVE/SPEAKER0003/01.WAV', voice: '0003', language: 'en' },
    ]);
  });

  it('finds voice and language in the path', () => {
    const path = 'samples/bn/multi_low/sample_2194.wav';
    const [found] = selectPaths(sourceOf('mimic3-samples'), [path]);
    expect(found).toEqual({ path, voice: 'bn/multi_low/sample_2194', language: 'bn' });
    expect(selectPaths(sourceOf('mimic3-samples'), ['samples/ko_KO/kss_low/sample.wav'])).toEqual([]);
  });

  it('takes a source of one speaker as one voice, and crowds as unknown', () => {
    const prompt = 'usr/share/asterisk/sounds/ru/digits/1.g722';
    expect(selectPaths(sourceOf('asterisk-core-sounds-ru'), [prompt])[0]!.voice).toBe(
      'asterisk-core-sounds-ru',
    );
    expect(selectPaths(sourceOf('wake-words'), ['audio/alexa/0.flac'])[0]!.voice).toBeNull();
  });
});

describe('clip names', () => {
  it('give every voice its own group in training, whatever its name ends in', () => {
    for (const voice of ['anna', 'spk_0001', 'tn_ZA/x_low/sample_0378', 'v1']) {
      const groups = [0, 1, 12].map((n) => recordingGroup(`s/${clipName(voice, n)}.wav`));
      expect(new Set(groups).size).toBe(1);
    }
    const group = (voice: string) => recordingGroup(`s/${clipName(voice, 3)}.wav`);
    expect(group('spk_0001')).not.toBe(group('spk_0002'));
  });

  it('say that a speaker is unknown', () => {
    expect(recordingGroup(`s/${anonymousName('a/b.wav')}.wav`)).toBeNull();
    expect(anonymousName('a/b.wav')).toBe(anonymousName('a/b.wav'));
    expect(anonymousName('a/b.wav')).not.toBe(anonymousName('a/c.wav'));
  });
});

describe('the manifest', () => {
  const row: ManifestRow = {
    path: 'speech/x/a_000.wav',
    kind: 'speech',
    voice: 'a',
    language: 'de',
    licence: 'CC0-1.0, say "the makers"',
    source: 'x',
    split: 'train',
    seconds: 1800,
    synthetic: false,
  };

  it('is CSV with quotes where they are needed', () => {
    const [head, first] = manifestCsv([row]).split('\n');
    expect(head).toBe('path,kind,voice,language,licence,source,split,seconds,synthetic');
    expect(first).toBe('speech/x/a_000.wav,speech,a,de,"CC0-1.0, say ""the makers""",x,train,1800.00,false');
  });

  it('adds up', () => {
    const rows = [row, { ...row, path: 'b', voice: 'b', language: 'fr' }, { ...row, split: 'dev' as const }];
    expect(summarise(rows)).toEqual({
      'dev speech': { hours: 0.5, clips: 1, voices: 1, languages: 1 },
      'train speech': { hours: 1, clips: 2, voices: 2, languages: 2 },
    });
  });
});
