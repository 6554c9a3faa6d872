/** Writes the protobuf wire format: varints, 32-bit floats and length-delimited fields into one growing buffer. */
export class ProtobufWriter {
  private buffer: Buffer;
  private position = 0;

  constructor(capacity = 256) {
    this.buffer = Buffer.allocUnsafe(capacity);
  }

  int(field: number, value: number): void {
    this.varint(field << 3);
    this.varint(value);
  }

  float(field: number, value: number): void {
    this.varint((field << 3) | 5);
    this.reserve(4);
    this.position = this.buffer.writeFloatLE(value, this.position);
  }

  bytes(field: number, data: Uint8Array): void {
    this.varint((field << 3) | 2);
    this.varint(data.byteLength);
    this.reserve(data.byteLength);
    this.buffer.set(data, this.position);
    this.position += data.byteLength;
  }

  string(field: number, value: string): void {
    this.bytes(field, Buffer.from(value));
  }

  message(field: number, write: (inner: ProtobufWriter) => void): void {
    const inner = new ProtobufWriter();
    write(inner);
    this.bytes(field, inner.finish());
  }

  finish(): Uint8Array {
    return this.buffer.subarray(0, this.position);
  }

  private varint(value: number): void {
    this.reserve(10);
    // Negative numbers are ten bytes of two's complement, and bit operations hold 32 bits only.
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      this.buffer[this.position++] = Number(rest & 127n) | 128;
      rest >>= 7n;
    }
    this.buffer[this.position++] = Number(rest);
  }

  private reserve(bytes: number): void {
    if (this.position + bytes <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.position + bytes));
    this.buffer.copy(grown, 0, 0, this.position);
    this.buffer = grown;
  }
}
