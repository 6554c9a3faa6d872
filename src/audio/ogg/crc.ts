const TABLE = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x80000000 ? 0x04c11db7 : 0);
  TABLE[byte] = crc;
}

/** Where the checksum of a page stands; it counts as zero in its own sum. */
const CRC_AT = 22;

/** The checksum of an Ogg page, over all of it with the checksum itself as zeros: polynomial 0x04c11db7, start 0 (RFC 3533, section 6). */
export function pageChecksum(page: Uint8Array): number {
  let crc = 0;
  for (let i = 0; i < page.length; i++) {
    const byte = i >= CRC_AT && i < CRC_AT + 4 ? 0 : page[i];
    crc = (crc << 8) ^ TABLE[(crc >>> 24) ^ byte];
  }
  return crc >>> 0;
}
