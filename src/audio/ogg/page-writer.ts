import type { ByteTarget } from '../../files/byte-target.js';
import { pageChecksum } from './crc.js';

/** Lengths of segments that a page can have. */
const MOST_SEGMENTS = 255;

/** Audio on a page, at most, in granules of 48 kHz: a second, as RFC 7845 advises. */
const PAGE_GRANULES = 48_000;

const HEAD = 27;
const CONTINUED = 1;
const FIRST = 2;
const LAST = 4;

/** Writes the packets of one logical stream in pages (RFC 3533, section 6). */
export class OggPageWriter {
  private sequence = 0;
  private waiting: Uint8Array[] = [];
  private segments = 0;
  private granule = 0;
  private pageStart = 0;

  /** @param serial number of the stream in its file */
  constructor(
    private readonly target: ByteTarget,
    private readonly serial: number,
  ) {}

  /** A header packet, which has its pages to itself. */
  async header(packet: Uint8Array): Promise<void> {
    const flags = this.sequence === 0 ? FIRST : 0;
    const most = MOST_SEGMENTS * 255;
    let at = 0;
    // A packet whose last segment is full needs an empty one behind it.
    for (; packet.length - at >= most; at += most) {
      await this.writePage([packet.subarray(at, at + most)], true, -1, at === 0 ? flags : CONTINUED);
    }
    await this.writePage([packet.subarray(at)], false, 0, at === 0 ? flags : CONTINUED);
  }

  /** A packet of audio. @param granule position at its end */
  async packet(packet: Uint8Array, granule: number): Promise<void> {
    const segments = Math.floor(packet.length / 255) + 1;
    const full = this.segments + segments > MOST_SEGMENTS || granule - this.pageStart > PAGE_GRANULES;
    if (full && this.waiting.length > 0) await this.flush(0);
    this.waiting.push(packet.slice());
    this.segments += segments;
    this.granule = granule;
  }

  /** Ends the stream. @param granule what the last page says: less than its packets hold cuts the end off */
  async end(granule: number): Promise<void> {
    this.granule = granule;
    await this.flush(LAST);
  }

  private async flush(flags: number): Promise<void> {
    await this.writePage(this.waiting, false, this.granule, flags);
    this.waiting = [];
    this.segments = 0;
    this.pageStart = this.granule;
  }

  /** @param open whether the last packet goes on in the next page */
  private async writePage(
    packets: readonly Uint8Array[],
    open: boolean,
    granule: number,
    flags: number,
  ): Promise<void> {
    const lengths = packets.flatMap((packet, i) => {
      const whole = Array<number>(Math.floor(packet.length / 255)).fill(255);
      return open && i === packets.length - 1 ? whole : [...whole, packet.length % 255];
    });
    const page = Buffer.concat([Buffer.alloc(HEAD), Uint8Array.from(lengths), ...packets]);
    page.write('OggS', 0, 'latin1');
    page[5] = flags;
    page.writeBigInt64LE(BigInt(granule), 6);
    page.writeUInt32LE(this.serial, 14);
    page.writeUInt32LE(this.sequence++, 18);
    page[26] = lengths.length;
    page.writeUInt32LE(pageChecksum(page), 22);
    await this.target.write(page);
  }
}
