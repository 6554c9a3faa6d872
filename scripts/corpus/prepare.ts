import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { createAudioOutput } from '../../src/audio/create.js';
import { readMono } from '../../src/training/data/clip-reader.js';
import { anonymousName, clipName } from './clip-name.js';
import { joined, joinPlan, levelled, withoutPauses } from './clip-shape.js';
import type { ManifestRow } from './manifest.js';
import { measureQuality, rejection } from './recording-quality.js';
import type { SelectedFile } from './select.js';
import type { CorpusSource } from './source.js';

const run = promisify(execFile);
const RATE = 16_000;
/** Longest part of one recording that is taken, seconds. */
const LONGEST = 300;

/** Mono samples at 16 kHz. G.722 is raw and has no first bytes to know it by, so ffmpeg reads it. */
async function decode(path: string): Promise<Float32Array> {
  if (extname(path) !== '.g722') return (await readMono(path, RATE)).subarray(0, LONGEST * RATE);
  const input = ['-f', 'g722', '-i', path];
  const output = ['-ac', '1', '-ar', String(RATE), '-t', String(LONGEST), '-f', 'f32le', '-'];
  const options = { encoding: 'buffer', maxBuffer: 1 << 28 } as const;
  const { stdout } = await run('ffmpeg', ['-nostdin', '-v', 'error', ...input, ...output], options);
  return new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + (stdout.length & ~3)));
}

/** What {@link prepareSource} made, and what it left out. */
export interface PreparedSource {
  rows: ManifestRow[];
  /** How many recordings were left out for each reason. */
  rejected: Record<string, number>;
}

/**
 * Decodes, filters, trims, levels and joins the recordings of a source, and writes them as WAV under
 * `corpus/[dev/]KIND/SOURCE`.
 */
export async function prepareSource(
  source: CorpusSource,
  files: readonly SelectedFile[],
  folder: string,
  corpus: string,
): Promise<PreparedSource> {
  const isSpeech = source.kind === 'speech';
  const { minimumSnrDb = isSpeech ? 28 : undefined, joinSeconds = isSpeech ? 9 : 0 } = source;
  const rejected: Record<string, number> = {};
  const good = new Map<string, (SelectedFile & { samples: Float32Array })[]>();
  for (const file of files) {
    const samples = await decode(join(folder, file.path)).catch(() => new Float32Array(0));
    const reason = source.kind === 'room' ? undefined : rejection(measureQuality(samples), minimumSnrDb);
    if (reason !== undefined || samples.length === 0) {
      const why = reason ?? 'unreadable';
      rejected[why] = (rejected[why] ?? 0) + 1;
      continue;
    }
    const key = file.voice ?? file.path;
    good.set(key, [
      ...(good.get(key) ?? []),
      { ...file, samples: isSpeech ? withoutPauses(samples) : samples },
    ]);
  }
  const rows: ManifestRow[] = [];
  for (const [key, recordings] of good) {
    const { voice, language } = recordings[0]!;
    const split = source.heldOut?.test(key) ? 'dev' : 'train';
    const lengths = recordings.map(({ samples }) => samples.length / RATE);
    const plan = joinPlan(lengths, joinSeconds, source.secondsPerVoice ?? 1200);
    for (const [number, members] of plan.entries()) {
      const whole = joined(members.map((i) => recordings[i]!.samples));
      const clip = source.kind === 'room' ? whole : levelled(whole);
      const name = voice === null ? anonymousName(key) : clipName(voice, number);
      const kind = source.kind === 'music' ? 'noise' : source.kind;
      const path = `${split === 'dev' ? 'dev/' : ''}${kind}/${source.name}/${name}.wav`;
      await writeWav(join(corpus, path), clip);
      const { licence, name: from, synthetic = false } = source;
      const seconds = clip.length / RATE;
      rows.push({
        path,
        kind: source.kind,
        voice: key,
        language,
        licence,
        source: from,
        split,
        seconds,
        synthetic,
      });
    }
  }
  return { rows, rejected };
}

async function writeWav(path: string, samples: Float32Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const output = await createAudioOutput(path, { sampleRate: RATE, channels: 1, sampleFormat: 's16' });
  await output.write([samples]);
  await output.commit();
}
