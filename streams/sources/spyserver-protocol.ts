/**
 * The SpyServer protocol, version 2.0.1700, as `spyserver_protocol.h` (Y. Touil, 2017) writes it down: commands with a header
 * of 8 bytes, messages with one of 20, every field an unsigned 32-bit number, little-endian.
 */
import { DeviceError } from '../../src/errors.js';

const VERSION = (2 << 24) | 1700;
const MESSAGE_HEADER_BYTES = 20;
const DEVICE_INFO_BYTES = 48;
const CLIENT_SYNC_BYTES = 36;
/** No server sends more at a time; a larger number is another protocol, or means harm. */
const MOST_BODY_BYTES = 2 ** 20;

const COMMAND = { hello: 0, setSetting: 2 } as const;
export const SETTING = {
  streamingMode: 0,
  streamingEnabled: 1,
  gain: 2,
  iqFormat: 100,
  iqFrequency: 101,
  iqDecimation: 102,
  iqDigitalGain: 103,
} as const;
/** Values of `streamingMode` and `iqFormat`. */
export const IQ_ONLY = 1;
export const FORMAT = { uint8: 1, int16: 2, float: 4 } as const;
export const MESSAGE = { deviceInfo: 0, clientSync: 1, uint8Iq: 100, int16Iq: 101, floatIq: 103 } as const;

const DEVICES = ['an unknown radio', 'Airspy', 'Airspy HF+', 'RTL-SDR'];

export interface DeviceInfo {
  name: string;
  maximumSampleRate: number;
  decimationStages: number;
  maximumGainIndex: number;
  minimumHz: number;
  maximumHz: number;
  minimumDecimation: number;
  /** The only format that it sends; 0: any. */
  forcedFormat: number;
}

export interface ClientSync {
  /** Whether this client may move the radio, and not only look elsewhere in its band. */
  canControl: boolean;
  minimumIqHz: number;
  maximumIqHz: number;
}

export interface SpyMessage {
  type: number;
  body: Buffer;
}

const words = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [n, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, 4 * n);
  return bytes;
};

function command(type: number, body: Buffer): Buffer {
  return Buffer.concat([words(type, body.length), body]);
}

export function encodeHello(client: string): Buffer {
  return command(COMMAND.hello, Buffer.concat([words(VERSION), Buffer.from(client, 'ascii')]));
}

export function encodeSetting(setting: number, value: number): Buffer {
  return command(COMMAND.setSetting, words(setting, value));
}

const wrong = (what: string): DeviceError =>
  new DeviceError('E_SPYSERVER_PROTOCOL', `What answers is no SpyServer of version 2: ${what}.`, {
    hint: 'Check host and port.',
  });

/** Cuts what arrives into messages, whatever pieces it comes in. */
export class SpyMessageReader {
  #pending: Buffer = Buffer.alloc(0);

  /** Takes bytes; gives the messages that are whole now. @throws DeviceError `E_SPYSERVER_PROTOCOL` */
  push(bytes: Buffer): SpyMessage[] {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const messages: SpyMessage[] = [];
    for (;;) {
      const pending = this.#pending;
      if (pending.length < MESSAGE_HEADER_BYTES) return messages;
      if (pending.readUInt32LE(0) >>> 24 !== VERSION >>> 24) throw wrong('its version is another one');
      const size = pending.readUInt32LE(16);
      if (size > MOST_BODY_BYTES) throw wrong(`a message of ${size} bytes`);
      if (pending.length < MESSAGE_HEADER_BYTES + size) return messages;
      // The high half is the digital gain.
      const type = pending.readUInt32LE(4) & 0xffff;
      messages.push({ type, body: pending.subarray(MESSAGE_HEADER_BYTES, MESSAGE_HEADER_BYTES + size) });
      this.#pending = pending.subarray(MESSAGE_HEADER_BYTES + size);
    }
  }
}

/** @throws DeviceError `E_SPYSERVER_PROTOCOL` */
export function parseDeviceInfo(body: Buffer): DeviceInfo {
  if (body.length < DEVICE_INFO_BYTES) throw wrong('its description of the radio is too short');
  const word = (n: number) => body.readUInt32LE(4 * n);
  return {
    name: `SpyServer with ${DEVICES[word(0)] ?? DEVICES[0]}`,
    maximumSampleRate: word(2),
    decimationStages: Math.min(word(4), 31),
    maximumGainIndex: word(6),
    minimumHz: word(7),
    maximumHz: word(8),
    minimumDecimation: Math.min(word(10), 31),
    forcedFormat: word(11),
  };
}

/** @throws DeviceError `E_SPYSERVER_PROTOCOL` */
export function parseClientSync(body: Buffer): ClientSync {
  if (body.length < CLIENT_SYNC_BYTES) throw wrong('its state is too short');
  const word = (n: number) => body.readUInt32LE(4 * n);
  return { canControl: word(0) !== 0, minimumIqHz: word(5), maximumIqHz: word(6) };
}
