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

/** Iterates the fields of one message. @throws ModelError `E_CHECKPOINT_CORRUPT` on anything that is not protobuf. */
export function* protobufFields(buffer: Buffer): Generator<ProtobufField> {
  let position = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (position >= buffer.length) throw corrupt('it ends inside a number');
      const byte = buffer[position++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asIntN(64, value);
    }
    throw corrupt('a number is longer than ten bytes');
  };
  const take = (length: number): Buffer => {
    if (length < 0 || position + length > buffer.length) throw corrupt('it ends inside a field');
    position += length;
    return buffer.subarray(position - length, position);
  };
  const none = Buffer.alloc(0);
  while (position < buffer.length) {
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

/** Numbers of a repeated varint field, packed or not. */
export function repeatedInts({ wireType, int, bytes }: ProtobufField): number[] {
  if (wireType === 0) return [Number(int)];
  const values: number[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 127) << shift;
    shift += 7n;
    if (byte < 128) {
      values.push(Number(BigInt.asIntN(64, value)));
      value = 0n;
      shift = 0n;
    }
  }
  return values;
}

/** Numbers of a repeated float field, packed or not. */
export function repeatedFloats({ bytes }: ProtobufField): number[] {
  return Array.from({ length: bytes.length >> 2 }, (_, i) => bytes.readFloatLE(i * 4));
}

export { corrupt as corruptOnnx };
