/**
 * Makes pairs of recordings to train a model for radio voice on: clean speech through our own modulators, a noisy
 * channel and our own receivers, and the same without the noise.
 *
 *   node dist/scripts/radio-pairs.js SPEECH_DIR OUT_DIR [--hours 2.5] [--validation-hours 0.1] [--seed 1]
 *     [--first 0] [--held-out 0.08] [--split-seed 1] [--exclude-list FILE] [--only am] [--other-voices]
 *
 * `--other-voices` plays speech 14 % slower to 16 % faster, pitch and formants with it: to a model other speakers.
 *
 * Writes OUT_DIR/{clean,noisy}/N.wav of the training speakers and OUT_DIR/validation/{clean,noisy}/N.wav of those that
 * `splitLibrary` holds out: 16 kHz, 16 bit, 8 s each. Names are numbers and the mode. `--first N` goes on behind the
 * first N pairs of training, which are left as they are.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createAudioOutput } from '../src/audio/create.js';
import { resampleMono } from '../src/audio/resample-mono.js';
import { Random } from '../src/random.js';
import { type ClipLibrary, leaveOut, loadLibrary } from '../src/training/data/library.js';
import { splitLibrary } from '../src/training/data/split.js';
import { SpeechTracks } from './radio/speech-track.js';
import { hearVoice, VOICE_RATE } from './radio/voice-chain.js';
import { drawScene, type VoiceKind } from './radio/voice-scene.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    hours: { type: 'string', default: '2.5' },
    'validation-hours': { type: 'string', default: '0.1' },
    seed: { type: 'string', default: '1' },
    first: { type: 'string', default: '0' },
    'held-out': { type: 'string', default: '0.08' },
    'split-seed': { type: 'string', default: '1' },
    'exclude-list': { type: 'string' },
    only: { type: 'string' },
    'other-voices': { type: 'boolean', default: false },
  },
});
const [speechFolder, outFolder] = positionals;
const only = values.only as VoiceKind | undefined;
if (outFolder === undefined) throw new Error('Usage: radio-pairs SPEECH_DIR OUT_DIR [options]');

const TRACK_SECONDS = 8;
/** Speeds are whole numbers of these parts: the resampler needs few phases then. */
const SPEEDS = 50;
const VALIDATION_SEED_OFFSET = 1000;

/** Lines of the list that are no comments: ends of paths to leave out. */
async function excluded(): Promise<string[]> {
  const list = values['exclude-list'];
  if (list === undefined) return [];
  const lines = (await readFile(list, 'utf8')).split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

async function writeWav(path: string, samples: Float32Array): Promise<void> {
  const format = { sampleRate: VOICE_RATE, channels: 1, sampleFormat: 's16' } as const;
  const output = await createAudioOutput(path, format, { frames: samples.length });
  await output.write([samples]);
  await output.commit();
}

/** The next track of speech, at `speed / SPEEDS` times the speed that it was spoken at. */
function play(tracks: SpeechTracks, speed: number): Float32Array {
  const samples = TRACK_SECONDS * VOICE_RATE;
  const spoken = tracks.next(Math.ceil((samples * speed) / SPEEDS));
  const played = new Float32Array(samples);
  played.set(resampleMono(spoken, (VOICE_RATE * speed) / SPEEDS, VOICE_RATE).subarray(0, samples));
  return played;
}

async function writePairs(
  library: ClipLibrary,
  folder: string,
  hours: number,
  seed: number,
  first = 0,
): Promise<void> {
  const count = Math.round((hours * 3600) / TRACK_SECONDS);
  for (const part of ['clean', 'noisy']) await mkdir(join(folder, part), { recursive: true });
  const tracks = new SpeechTracks(library, seed);
  const started = performance.now();
  for (let n = 0; n < count; n++) {
    const scene = drawScene(new Random(seed, n), only);
    const speed = values['other-voices'] ? new Random(seed, n, 0x53_50).integer(16) + 43 : SPEEDS;
    const track = play(tracks, speed);
    if (n < first) continue;
    const { clean, noisy } = hearVoice(track, scene);
    const name = `${String(n).padStart(5, '0')}-${scene.mode}.wav`;
    await writeWav(join(folder, 'clean', name), clean);
    await writeWav(join(folder, 'noisy', name), noisy);
    if ((n + 1) % 50 !== 0 && n + 1 !== count) continue;
    const seconds = (performance.now() - started) / 1000;
    console.log(
      `${folder}: ${n + 1} of ${count}, ${((TRACK_SECONDS * (n + 1 - first)) / seconds).toFixed(0)} × real time`,
    );
  }
}

const { library } = await loadLibrary(speechFolder, { sampleRate: VOICE_RATE });
const kept = leaveOut(library, speechFolder, await excluded());
const { train, validation } = splitLibrary(kept, Number(values['held-out']), Number(values['split-seed']));
console.log(
  `${library.clips.length} recordings, ${library.clips.length - kept.clips.length} left out, ${train.clips.length} to train on`,
);
const seed = Number(values.seed);
if (Number(values.first) === 0)
  await writePairs(
    validation,
    join(outFolder, 'validation'),
    Number(values['validation-hours']),
    seed + VALIDATION_SEED_OFFSET,
  );
await writePairs(train, outFolder, Number(values.hours), seed, Number(values.first));
