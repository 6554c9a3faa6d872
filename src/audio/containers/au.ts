import { InputError } from '../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import { lawCodec, pcmCodec, type SampleCodec } from '../codecs/sample-codec.js';
import { type AudioFormat, integerFormat, type SampleFormat } from '../format.js';
import { SampleReader } from '../sample-reader.js';
import { checkChannelsAndRate } from '../wav/fmt-chunk.js';

const PLAIN: Readonly<Record<number, SampleFormat>> = {
  2: 's8',
  3: 's16',
  4: 's24',
  5: 's32',
  6: 'f32',
  7: 'f64',
};
const MU_LAW = 1;
const A_LAW = 27;
const HEAD = 24;
const UNKNOWN_SIZE = 0xffffffff;

/**
 * Reads Sun and NeXT audio: plain samples, floats, A-law, µ-law.
 *
 * @param bytes positioned at `.snd`
 * @throws InputError
 */
export async function openAu(bytes: ByteReader): Promise<SampleReader> {
  const head = (await bytes.read(HEAD)).slice();
  if (head.length < HEAD) throw new InputError('E_TRUNCATED', 'The AU header is truncated.');
  const view = new DataView(head.buffer);
  const [offset, size, encoding, sampleRate, channels] = [4, 8, 12, 16, 20].map((at) => view.getUint32(at));
  checkChannelsAndRate(channels, sampleRate);
  if (offset < HEAD) throw new InputError('E_CORRUPT', `The AU header says that it has ${offset} bytes.`);
  await bytes.skip(offset - HEAD);
  const dataBytes = size === UNKNOWN_SIZE ? undefined : size;
  return new SampleReader(bytes, { container: 'au', ...storedAs(encoding, sampleRate, channels), dataBytes });
}

function storedAs(
  encoding: number,
  sampleRate: number,
  channels: number,
): { format: AudioFormat; codec: SampleCodec } {
  if (encoding === MU_LAW || encoding === A_LAW) {
    const codec = lawCodec(encoding === A_LAW ? 'a-law' : 'µ-law', channels);
    return { format: integerFormat(sampleRate, channels, 16), codec };
  }
  const sampleFormat = PLAIN[encoding];
  if (sampleFormat === undefined) {
    throw new InputError('E_UNSUPPORTED', `The AU file holds encoding ${encoding}, which is not read.`, {
      hint: 'Convert it first, for example with: ffmpeg -i FILE OUT.wav',
    });
  }
  const format: AudioFormat = { sampleRate, channels, sampleFormat };
  return { format, codec: pcmCodec(format, true) };
}
