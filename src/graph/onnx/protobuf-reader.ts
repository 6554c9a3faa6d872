import { ModelError } from '../../errors.js';

/** One field of a protobuf message: its number and its value in the form the wire gives it. */
export interface ProtobufField {
  field: number;
  /** Varints and fixed-width integers as bigint (two's complement, 64 bits signed for varints). */
  int: bigint;
  /** Length-delimited contents; empty for other wire types. */
  bytes: Buffer;
  wireType: number;
}

const corrupt = (why: string): ModelError =>
  new ModelError('E_CHECKPOINT_CORRUPT', `This is not a whole ONNX file: ${why}.`, {
    hint: 'Fetch or export the checkpoint again.',
  });

/** Reads numbers of seven bits a byte, lowest first, from a place in `buffer` that the caller may move. */
function varints(buffer: Buffer): { position: number; read: () => bigint } {
  const reader = {
    position: 0,
    read: (): bigint => {
      let value = 0n;
      // No number is longer than ten bytes; without this end, bytes that claim more would build ever larger bigints.
      for (let shift = 0n; shift < 70n; shift += 7n) {
        if (reader.position >= buffer.length) throw corrupt('it ends inside a number');
        const byte = buffer[reader.position++];
        value |= BigInt(byte & 127) << shift;
        if (byte < 128) return BigInt.asIntN(64, value);
      }
      throw corrupt('a number is longer than ten bytes');
    },
  };
  return reader;
}

/** Iterates the fields of one message. @throws ModelError `E_CHECKPOINT_CORRUPT` on anything that is not protobuf. */
export function* protobufFields(buffer: Buffer): Generator<ProtobufField> {
  const numbers = varints(buffer);
  const varint = numbers.read;
  const take = (length: number): Buffer => {
    const start = numbers.position;
    if (length < 0 || start + length > buffer.length) throw corrupt('it ends inside a field');
    numbers.position += length;
    return buffer.subarray(start, start + length);
  };
  const none = Buffer.alloc(0);
  while (numbers.position < buffer.length) {
    const key = Number(varint());
    const wireType = key & 7;
    const field = key >>> 3;
    if (field === 0) throw corrupt('a field has the number 0');
    if (wireType === 0) yield { field, wireType, int: varint(), bytes: none };
    else if (wireType === 1) yield { field, wireType, int: take(8).readBigInt64LE(), bytes: none };
    else if (wireType === 2) yield { field, wireType, int: 0n, bytes: take(Number(varint())) };
    else if (wireType === 5) {
      const bytes = take(4);
      yield { field, wireType, int: BigInt(bytes.readInt32LE()), bytes };
    } else throw corrupt(`wire type ${wireType} does not exist`);
  }
}

/** Numbers of a repeated varint field, packed or not. @throws ModelError `E_CHECKPOINT_CORRUPT` */
export function* repeatedInts({ wireType, int, bytes }: ProtobufField): Generator<number> {
  if (wireType === 0) yield Number(int);
  const next = varints(bytes);
  while (next.position < bytes.length) yield Number(next.read());
}

/** Numbers of a repeated float field, packed or not. */
export function* repeatedFloats({ bytes }: ProtobufField): Generator<number> {
  for (let at = 0; at + 4 <= bytes.length; at += 4) yield bytes.readFloatLE(at);
}

export { corrupt as corruptOnnx };
