import { InputError } from '../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import { METADATA_LIMIT } from '../tags.js';

/** A header that goes on and on is none. */
const MOST_CHUNKS = 10_000;

/** A chunk whose head was read and whose body comes next. */
export interface ChunkHead {
  id: string;
  /** Bytes of the body; `Infinity` where the writer did not know them. */
  size: number;
}

/** How the heads of a format's chunks are laid out. */
export interface ChunkLayout {
  /** Name of the format in messages. */
  name: string;
  /** Bytes of a head. */
  headBytes: number;
  /** Bodies are padded to a multiple of so many bytes. */
  align: number;
  parse(head: DataView): ChunkHead;
}

/**
 * Hands over the chunks of a file until one is taken as the samples.
 *
 * @param take told of each chunk, its body to be read with `body`; true: the samples start here
 * @throws InputError `E_TRUNCATED` where the file ends before
 */
export async function findSamples(
  bytes: ByteReader,
  layout: ChunkLayout,
  take: (head: ChunkHead, body: () => Promise<Uint8Array>) => Promise<boolean> | boolean,
): Promise<void> {
  for (let count = 0; count < MOST_CHUNKS; count++) {
    const raw = await bytes.read(layout.headBytes);
    if (raw.length < layout.headBytes) break;
    const head = layout.parse(new DataView(raw.buffer, raw.byteOffset, raw.byteLength));
    let read = 0;
    const body = async () => {
      const data = (await bytes.read(Math.min(head.size, METADATA_LIMIT))).slice();
      read = data.length;
      return data;
    };
    if (await take(head, body)) return;
    const padding = (layout.align - (head.size % layout.align)) % layout.align;
    if (head.size === Infinity) break;
    await bytes.skip(head.size - read + padding);
  }
  throw new InputError('E_TRUNCATED', `The ${layout.name} file ends before the audio starts.`, {
    hint: 'The file was cut off; get it again from where it came.',
  });
}
