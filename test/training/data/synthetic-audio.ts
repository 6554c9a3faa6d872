import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Random } from '../../../src/random.js';

/** A WAV file, 16-bit PCM, written by hand so that these tests depend on no encoder. */
export function writeWav(path: string, channels: Float32Array[], sampleRate: number): void {
  const frames = channels[0].length;
  const block = 2 * channels.length;
  const bytes = Buffer.alloc(44 + frames * block);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + frames * block, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(channels.length, 22);
  bytes.writeUInt32LE(sampleRate, 24);
  bytes.writeUInt32LE(sampleRate * block, 28);
  bytes.writeUInt16LE(block, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(frames * block, 40);
  for (let i = 0; i < frames; i++) {
    for (const [c, channel] of channels.entries()) {
      bytes.writeInt16LE(Math.round(Math.max(-1, Math.min(1, channel[i])) * 32767), 44 + i * block + 2 * c);
    }
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

/** A tone with four syllables a second: active speech is known to be its loud half. */
export function toneBursts(seconds: number, hertz: number, sampleRate = 16_000, gain = 0.3): Float32Array {
  const samples = new Float32Array(Math.round(seconds * sampleRate));
  for (let i = 0; i < samples.length; i++) {
    const syllable = Math.sin((Math.PI * 4 * i) / sampleRate) ** 2;
    samples[i] = gain * syllable * Math.sin((2 * Math.PI * hertz * i) / sampleRate);
  }
  return samples;
}

export function whiteNoise(seconds: number, seed: number, sampleRate = 16_000, gain = 0.1): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: Math.round(seconds * sampleRate) }, () => gain * random.normal());
}

/** Two folders, `speech` (4 speakers × 3 utterances) and `noise` (4 recordings × 2 takes), under `root`. */
export function writeCorpus(root: string): { speech: string; noise: string } {
  for (let speaker = 0; speaker < 4; speaker++) {
    for (let utterance = 0; utterance < 3; utterance++) {
      const name = `set/speaker${speaker}_${utterance}.wav`;
      writeWav(join(root, 'speech', name), [toneBursts(1 + utterance, 200 + 150 * speaker)], 16_000);
    }
  }
  for (let recording = 0; recording < 4; recording++) {
    for (const take of ['A', 'B']) {
      const samples = whiteNoise(1.5 + recording, 10 * recording + take.charCodeAt(0));
      writeWav(join(root, 'noise', `1-10${recording}-${take}.wav`), [samples], 16_000);
    }
  }
  return { speech: join(root, 'speech'), noise: join(root, 'noise') };
}

/** Bits of an array as a short text: comparing thousands of samples one by one takes seconds. */
export function bits(samples: Float32Array): string {
  return createHash('sha1').update(samples).digest('hex');
}
