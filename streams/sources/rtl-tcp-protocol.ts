import { DeviceError } from '../../src/errors.js';

/** Commands of rtl_tcp (its source, `command_worker`): one byte, then a big-endian 32-bit value. */
export const RtlTcpCommand = {
  centreFrequency: 0x01,
  sampleRate: 0x02,
  gainMode: 0x03,
  gain: 0x04,
  frequencyCorrection: 0x05,
  ifGain: 0x06,
  testMode: 0x07,
  agcMode: 0x08,
  directSampling: 0x09,
  offsetTuning: 0x0a,
  rtlCrystal: 0x0b,
  tunerCrystal: 0x0c,
  gainByIndex: 0x0d,
  biasTee: 0x0e,
} as const;

/** The five bytes of a command; `value` is a signed or unsigned 32-bit number. */
export function encodeCommand(command: number, value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(command, 0);
  bytes.writeUInt32BE(value >>> 0, 1);
  return bytes;
}

/** Bytes of the greeting: `RTL0`, the tuner's number, how many gains it has. */
export const GREETING_BYTES = 12;

export interface Greeting {
  /** `enum rtlsdr_tuner`. */
  tuner: number;
  gainCount: number;
}

/**
 * Reads the greeting from the first bytes a server sent; `undefined` while there are too few of them.
 *
 * @throws DeviceError as soon as the bytes cannot be the start of a greeting.
 */
export function parseGreeting(bytes: Buffer): Greeting | undefined {
  const magic = bytes.subarray(0, 4);
  if (!'RTL0'.startsWith(magic.toString('latin1')))
    throw new DeviceError('E_NOT_RTL_TCP', 'The server answered, but not as rtl_tcp does.', {
      hint: 'Check host and port; rtl_tcp listens on 1234 by default.',
    });
  if (bytes.length < GREETING_BYTES) return undefined;
  return { tuner: bytes.readUInt32BE(4), gainCount: bytes.readUInt32BE(8) };
}
