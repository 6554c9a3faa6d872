/** The metadata of a checkpoint, and the checksum over the whole file that stands at its end. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ModelError } from '../src/errors.js';
import { ProtobufWriter } from '../src/graph/onnx/protobuf-writer.js';

/**
 * Version of the metadata written. Files of every older version stay readable.
 * 1: no checksum. 2: the file ends with one.
 */
export const CHECKPOINT_FORMAT = 2;
/** First version whose files end with a checksum. */
const CHECKSUM_SINCE = 2;

export const metadataSchema = z.object({
  format: z.coerce.number().int().min(1).max(CHECKPOINT_FORMAT).optional(),
  family: z.string().optional(),
  config: z.string().optional(),
  name: z.string().optional(),
  sample_rate: z.coerce.number().int().min(1000).max(384_000).default(16_000),
  hop: z.coerce
    .number()
    .int()
    .min(1)
    .max(1 << 20)
    .optional(),
  latency: z.coerce
    .number()
    .int()
    .min(0)
    .max(1 << 20)
    .default(0),
  training: z.string().optional(),
  data_hash: z.string().optional(),
  parent: z.string().optional(),
  checksum: z.string().optional(),
});

export type CheckpointMetadata = z.output<typeof metadataSchema>;

/** SHA-256, hex. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The metadata entry that ends a file. Protobuf messages may be written one behind the other. */
function trailer(checksum: string): Uint8Array {
  const out = new ProtobufWriter();
  // `metadata_props` of `ModelProto`.
  out.message(14, (entry) => {
    entry.string(1, 'checksum');
    entry.string(2, checksum);
  });
  return out.finish();
}

/** An ONNX file with its checksum behind it, as one more entry of its metadata. */
export const withChecksum = (file: Uint8Array): Uint8Array => Buffer.concat([file, trailer(sha256(file))]);

/**
 * Compares the checksum with the bytes before it. Files of format 1, and those of other programs, have none.
 *
 * @throws ModelError `E_CHECKPOINT_CORRUPT`
 */
export function verifyChecksum(bytes: Uint8Array, { checksum, format }: CheckpointMetadata): void {
  if (checksum === undefined && (format ?? 1) < CHECKSUM_SINCE) return;
  const end = trailer(checksum ?? '');
  const body = bytes.subarray(0, bytes.length - end.length);
  const atEnd = Buffer.compare(bytes.subarray(body.length), end) === 0;
  if (atEnd && sha256(body) === checksum) return;
  throw new ModelError('E_CHECKPOINT_CORRUPT', 'The checkpoint is damaged: its checksum does not match.', {
    hint: 'Copy, download or export it again.',
  });
}
