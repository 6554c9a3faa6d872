/**
 * The file of a training checkpoint: a JSON header with its length in front, then the arrays one after another as
 * little-endian float32. Written whole or not at all by the run folder; holds all that a run needs to go on bit for bit.
 */
import { createHash } from 'node:crypto';
import { InputError } from '../../errors.js';

const MAGIC = 'DNTS';
const VERSION = 1;

export interface TrainingState {
  /** Counters and states of schedule, stopping, guard: plain JSON. */
  progress: Record<string, unknown>;
  arrays: Record<string, Float32Array>;
}

/** The bytes of a checkpoint; {@link decodeTrainingState} reads them. */
export function encodeTrainingState({ progress, arrays }: TrainingState): Uint8Array {
  const bodies = Object.values(arrays).map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength));
  const body = Buffer.concat(bodies);
  const header = Buffer.from(
    JSON.stringify({
      version: VERSION,
      progress,
      arrays: Object.entries(arrays).map(([name, { length }]) => ({ name, length })),
      sha256: createHash('sha256').update(body).digest('hex'),
    }),
  );
  const prefix = Buffer.alloc(8);
  prefix.write(MAGIC, 'latin1');
  prefix.writeUInt32LE(header.length, 4);
  return Buffer.concat([prefix, header, body]);
}

/** @throws InputError `E_TRAINING_STATE` when the bytes are not a whole checkpoint */
export function decodeTrainingState(bytes: Uint8Array, where: string): TrainingState {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const damaged = (why: string): InputError =>
    new InputError('E_TRAINING_STATE', `${where} is not a whole training checkpoint: ${why}.`, {
      hint: 'Resume from another checkpoint of the run.',
    });
  if (buffer.length < 8 || buffer.toString('latin1', 0, 4) !== MAGIC)
    throw damaged('it does not begin like one');
  const headerEnd = 8 + buffer.readUInt32LE(4);
  let header: {
    version: number;
    progress: Record<string, unknown>;
    arrays: { name: string; length: number }[];
    sha256: string;
  };
  try {
    header = JSON.parse(buffer.toString('utf8', 8, headerEnd));
  } catch {
    throw damaged('its header is cut off');
  }
  if (header.version !== VERSION)
    throw damaged(`it has version ${header.version}, this program reads ${VERSION}`);
  const body = buffer.subarray(headerEnd);
  if (createHash('sha256').update(body).digest('hex') !== header.sha256)
    throw damaged('its numbers were changed');
  const arrays: Record<string, Float32Array> = {};
  let at = 0;
  for (const { name, length } of header.arrays) {
    arrays[name] = new Float32Array(Uint8Array.from(body.subarray(at, at + 4 * length)).buffer);
    at += 4 * length;
  }
  return { progress: header.progress, arrays };
}
