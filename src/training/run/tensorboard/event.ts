import { maskedCrc32c } from './crc32c.js';

/**
 * The few fields of TensorFlow's `event.proto` and `summary.proto` that a scalar log needs:
 * `Event {1 wall_time: double, 2 step: int64, 3 file_version: string, 5 summary, 7 session_log}`,
 * `Summary {repeated 1 Value}`, `Value {1 tag: string, 2 simple_value: float}`, `SessionLog {1 status: enum, START = 1}`.
 */
export interface TensorBoardEvent {
  /** Seconds since 1970. */
  wallTime: number;
  step?: number;
  fileVersion?: string;
  /** Tag to value, e.g. `loss/train`. */
  scalars?: Readonly<Record<string, number>>;
  /** The run starts or resumes at `step`: what was logged at or after it is void. */
  sessionStart?: boolean;
}

const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** The bytes of an event, as protobuf; the frame of an event file goes around them. */
export function encodeEvent(event: TensorBoardEvent): Buffer {
  const wallTime = Buffer.alloc(8);
  wallTime.writeDoubleLE(event.wallTime);
  const parts = [key(1, WIRE.fixed64), wallTime];
  if (event.step !== undefined) parts.push(key(2, WIRE.varint), varint(event.step));
  if (event.fileVersion !== undefined) parts.push(message(3, Buffer.from(event.fileVersion)));
  if (event.scalars !== undefined) {
    const values = Object.entries(event.scalars).map(([tag, value]) => message(1, encodeValue(tag, value)));
    parts.push(message(5, Buffer.concat(values)));
  }
  if (event.sessionStart) parts.push(message(7, Buffer.concat([key(1, WIRE.varint), varint(1)])));
  return Buffer.concat(parts);
}

/** One TFRecord: length (uint64), its masked CRC, the data, its masked CRC; all little-endian. */
export function frameRecord(data: Uint8Array): Buffer {
  const frame = Buffer.alloc(12 + data.length + 4);
  frame.writeBigUInt64LE(BigInt(data.length), 0);
  frame.writeUInt32LE(maskedCrc32c(frame.subarray(0, 8)), 8);
  frame.set(data, 12);
  frame.writeUInt32LE(maskedCrc32c(data), 12 + data.length);
  return frame;
}

function encodeValue(tag: string, value: number): Buffer {
  const float = Buffer.alloc(4);
  float.writeFloatLE(value);
  return Buffer.concat([message(1, Buffer.from(tag)), key(2, WIRE.fixed32), float]);
}

function message(field: number, body: Uint8Array): Buffer {
  return Buffer.concat([key(field, WIRE.bytes), varint(body.length), body]);
}

function key(field: number, wire: number): Buffer {
  return varint((field << 3) | wire);
}

/** @param value whole number, 0…2⁵³ */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Buffer.from(bytes);
}
