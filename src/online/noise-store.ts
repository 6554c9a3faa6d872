import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { createAudioOutput } from '../audio/create.js';
import { UsageError } from '../errors.js';
import { AppendLog, readLog } from '../files/append-log.js';
import { makeFolder } from '../files/atomic-file.js';
import { dataFolder } from '../files/data-folder.js';
import { FileLock } from '../files/file-lock.js';
import { noiseSpectrum, spectralDistance } from './noise-spectrum.js';

/** Where and how a piece of noise was heard. */
export interface NoiseOrigin {
  /** What it came from: `rtlsdr`, `mic`, the path of a file. */
  source: string;
  frequencyHz?: number;
  /** Mode of the radio. */
  mode?: string;
}

const pieceSchema = z.object({
  /** SHA-256 of its samples and their rate, hex: its name. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Named profile that it belongs to, such as `shack`. */
  profile: z.string(),
  time: z.iso.datetime(),
  seconds: z.number().positive(),
  sampleRate: z.number().positive(),
  levelDb: z.number(),
  source: z.string(),
  frequencyHz: z.number().optional(),
  mode: z.string().optional(),
  /** Levels in bands, dB against their mean: see {@link noiseSpectrum}. */
  spectrum: z.array(z.number()),
});

/** A piece of captured noise, without its samples. */
export type NoisePiece = z.output<typeof pieceSchema>;

const recordSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('add'), piece: pieceSchema }),
  z.object({ kind: z.literal('drop'), hash: z.string() }),
]);

/** Bytes of all pieces together: 2 h at 16 kHz. */
const MOST_BYTES = 256e6;
/** Pieces this near to each other sound alike, dB. */
const ALIKE_DB = 1.5;
/** With so much of one sound, more of it teaches nothing new, seconds. */
const ENOUGH_SECONDS = 600;
/** A file without its line that is older than this was left by a process that was killed, milliseconds. */
const LEFT_BEHIND_MS = 600_000;

export type Kept = { kept: true; piece: NoisePiece } | { kept: false; why: 'known' | 'enough' };

/**
 * The noise that was captured on this machine.
 * ```
 * noise/pieces/SHA-256.wav
 * noise/journal.jsonl       one line per piece that came or went
 * ```
 * A piece counts once its line is written, after its file: whatever ends the process, no piece is half there; a file that
 * never got its line is removed when a later piece comes. When the disk space is used up, what sounds most like the rest goes
 * first, the older of two.
 */
export class NoiseStore {
  readonly #folder: string;
  readonly #pieces: string;
  readonly #journal: string;

  /** @param data folder of the program's data, default {@link dataFolder}. @param mostBytes of all pieces, default 256 MB */
  constructor(
    data: string = dataFolder(),
    private readonly mostBytes = MOST_BYTES,
  ) {
    this.#folder = join(data, 'noise');
    this.#pieces = join(this.#folder, 'pieces');
    this.#journal = join(this.#folder, 'journal.jsonl');
  }

  /** Pieces in the order in which they came. @param profile only those of one */
  list(profile?: string): NoisePiece[] {
    const pieces = new Map<string, NoisePiece>();
    for (const line of existsSync(this.#journal) ? readLog(this.#journal).lines : []) {
      const record = parseRecord(line);
      if (record?.kind === 'add') pieces.set(record.piece.hash, record.piece);
      if (record?.kind === 'drop') pieces.delete(record.hash);
    }
    return [...pieces.values()].filter((piece) => profile === undefined || piece.profile === profile);
  }

  /** Where the samples of a piece lie. */
  pathOf(hash: string): string {
    return join(this.#pieces, `${hash}.wav`);
  }

  /**
   * Keeps a piece, unless it is there already, or there is enough of what sounds like it.
   * @param samples `[time]`, full scale ±1
   * @throws OutputError
   */
  async add(samples: Float32Array, sampleRate: number, profile: string, origin: NoiseOrigin): Promise<Kept> {
    const hash = hashOf(samples, sampleRate);
    const { spectrum, levelDb } = noiseSpectrum(samples, sampleRate);
    const piece: NoisePiece = {
      ...{ hash, profile, spectrum, levelDb, sampleRate, ...origin },
      time: new Date().toISOString(),
      seconds: samples.length / sampleRate,
    };
    const refused = whyNot(piece, this.list());
    if (refused !== undefined) return { kept: false, why: refused };
    makeFolder(this.#pieces);
    await writeNoise(this.pathOf(hash), samples, sampleRate);
    return this.#locked((): Kept => {
      const pieces = this.list();
      // Another program may have captured the same meanwhile.
      if (pieces.some((known) => known.hash === hash)) return { kept: false, why: 'known' };
      this.#record({ kind: 'add', piece });
      this.#removeLeftBehind([...pieces, piece]);
      this.#makeRoom([...pieces, piece]);
      return { kept: true, piece };
    });
  }

  /**
   * Drops a piece.
   * @param prefix six or more digits of its hash
   * @throws UsageError `E_NO_NOISE`
   */
  drop(prefix: string): NoisePiece {
    return this.#locked(() => {
      const piece = this.find(prefix);
      this.#drop(piece);
      return piece;
    });
  }

  /** The piece that six or more digits of its hash mean. @throws UsageError `E_NO_NOISE` for none or several */
  find(prefix: string): NoisePiece {
    const found = prefix.length < 6 ? [] : this.list().filter(({ hash }) => hash.startsWith(prefix));
    if (found.length === 1) return found[0];
    throw new UsageError('E_NO_NOISE', `There is no captured noise ${prefix}.`, {
      hint: 'See denoise noise list; give six or more of its digits.',
    });
  }

  #drop(piece: NoisePiece): void {
    this.#record({ kind: 'drop', hash: piece.hash });
    rmSync(this.pathOf(piece.hash), { force: true });
  }

  #removeLeftBehind(pieces: readonly NoisePiece[]): void {
    const known = new Set(pieces.map(({ hash }) => `${hash}.wav`));
    for (const file of readdirSync(this.#pieces)) {
      const path = join(this.#pieces, file);
      const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
      if (!known.has(file) && Date.now() - mtimeMs > LEFT_BEHIND_MS) rmSync(path, { force: true });
    }
  }

  #makeRoom(pieces: NoisePiece[]): void {
    const size = ({ hash }: NoisePiece): number =>
      statSync(this.pathOf(hash), { throwIfNoEntry: false })?.size ?? 0;
    const rest = [...pieces];
    for (
      let bytes = rest.reduce((sum, piece) => sum + size(piece), 0);
      bytes > this.mostBytes && rest.length > 1;
    ) {
      const least = mostRedundant(rest);
      bytes -= size(rest[least]);
      this.#drop(rest.splice(least, 1)[0]);
    }
  }

  #record(record: z.output<typeof recordSchema>): void {
    const log = new AppendLog(this.#journal);
    try {
      log.append(`${JSON.stringify(record)}\n`);
    } finally {
      log.close();
    }
  }

  #locked<T>(work: () => T): T {
    makeFolder(this.#folder);
    return new FileLock(join(this.#folder, '.noise.lock')).run(work);
  }
}

/** Why a piece is not worth keeping; `undefined` when it is. */
function whyNot(piece: NoisePiece, pieces: readonly NoisePiece[]): 'known' | 'enough' | undefined {
  if (pieces.some(({ hash }) => hash === piece.hash)) return 'known';
  const alike = pieces.filter(
    ({ profile, spectrum }) =>
      profile === piece.profile && spectralDistance(spectrum, piece.spectrum) < ALIKE_DB,
  );
  return alike.reduce((sum, { seconds }) => sum + seconds, 0) >= ENOUGH_SECONDS ? 'enough' : undefined;
}

function hashOf(samples: Float32Array, sampleRate: number): string {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  return createHash('sha256').update(`${sampleRate}\n`).update(bytes).digest('hex');
}

/** Writes noise as a WAV file of 32-bit floats, whole or not at all. @param samples `[time]` */
export async function writeNoise(path: string, samples: Float32Array, sampleRate: number): Promise<void> {
  const file = await createAudioOutput(path, { sampleRate, channels: 1, sampleFormat: 'f32' });
  await file.write([samples]);
  await file.commit();
}

/** Which piece is nearest to another one; of the two the older. Pieces come in the order of their age. */
function mostRedundant(pieces: readonly NoisePiece[]): number {
  let least = 0;
  let nearest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < pieces.length; i++)
    for (let j = i + 1; j < pieces.length; j++) {
      const distance = spectralDistance(pieces[i].spectrum, pieces[j].spectrum);
      if (distance >= nearest) continue;
      nearest = distance;
      least = i;
    }
  return least;
}

function parseRecord(line: string): z.output<typeof recordSchema> | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
