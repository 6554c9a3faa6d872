/** Tables of remainders, one entry for each value of a byte. */
const CRC8 = new Uint8Array(256);
const CRC16 = new Uint16Array(256);
for (let byte = 0; byte < 256; byte++) {
  let short = byte;
  let long = byte << 8;
  for (let bit = 0; bit < 8; bit++) {
    short = (short << 1) ^ (short & 0x80 ? 0x107 : 0);
    long = (long << 1) ^ (long & 0x8000 ? 0x18005 : 0);
  }
  CRC8[byte] = short;
  CRC16[byte] = long;
}

/** The checksum of a FLAC frame header: polynomial x⁸+x²+x+1, start 0 (RFC 9639, section 9.1.8). */
export function crc8(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let i = start; i < end; i++) crc = CRC8[crc ^ bytes[i]];
  return crc;
}

/** The checksum of a FLAC frame: polynomial x¹⁶+x¹⁵+x²+1, start 0 (RFC 9639, section 9.3). */
export function crc16(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let i = start; i < end; i++) crc = ((crc & 0xff) << 8) ^ CRC16[(crc >>> 8) ^ bytes[i]];
  return crc;
}
