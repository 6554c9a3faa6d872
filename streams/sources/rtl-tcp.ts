import { DeviceError } from '../../src/errors.js';
import type { ReconnectingOptions } from './reconnecting.js';
import { type RtlTcpAddress, RtlTcpConnection } from './rtl-tcp-connection.js';
import { RtlTcpCommand } from './rtl-tcp-protocol.js';
import { nearestGain, tunerChip } from './rtl2832u.js';
import { type Rtl2832uSetting, Rtl2832uSource } from './rtl2832u-source.js';
import { applySettings, type TunerSettings } from './tuner.js';

export interface RtlTcpOptions extends RtlTcpAddress, TunerSettings, ReconnectingOptions {
  /** Milliseconds for connection and greeting together; default 5000. */
  connectTimeoutMs?: number;
}

/** Samples that rtl_tcp sends at once, whatever the rate: half a second at 250 kHz. */
const BLOCK_SAMPLES = 131_072;

/**
 * IQ from an `rtl_tcp` server, as `cu8` chunks. The protocol has no answers, so setters compute what librtlsdr does with
 * what they send; samples on their way (up to half a second) still belong to the settings before. Silent, slow, reset and
 * restarted servers are connected to again with back-off; the loss is estimated by the clock.
 */
export class RtlTcpSource extends Rtl2832uSource {
  private readonly address: RtlTcpAddress;
  private readonly connectTimeoutMs: number;
  private connection: RtlTcpConnection | undefined;
  private odd: Buffer | undefined;
  /** The last value sent of each command, in the order of first use: sent again after a restart. */
  private readonly sent = new Map<number, number>();

  private constructor(options: RtlTcpOptions) {
    const blockMs = (BLOCK_SAMPLES / (options.sampleRate ?? 1_024_000)) * 1000;
    super({ ...options, stallTimeoutMs: options.stallTimeoutMs ?? Math.max(3000, 4 * blockMs) });
    this.address = { host: options.host, port: options.port };
    this.connectTimeoutMs = options.connectTimeoutMs ?? 5000;
  }

  /**
   * Connects and tunes.
   *
   * @throws DeviceError when there is no rtl_tcp at the address, or it cannot do what `options` ask.
   */
  static async open(options: RtlTcpOptions): Promise<RtlTcpSource> {
    const source = new RtlTcpSource(options);
    await source.start();
    try {
      await source.#forgetLastClient();
      await applySettings(source, options);
    } catch (error) {
      source.destroy();
      throw error;
    }
    return source;
  }

  override get blockSeconds(): number {
    return BLOCK_SAMPLES / this.sampleRate;
  }

  /** The server keeps the dongle open: what the client before has set is still on, the supply of an aerial amplifier too. */
  async #forgetLastClient(): Promise<void> {
    await this.setPpm(0);
    await this.setDirectSampling('off');
    await this.setOffsetTuning(false);
    await this.setAgc(false);
    await this.setBiasTee(false);
  }

  protected async apply(setting: Rtl2832uSetting, value: number): Promise<undefined> {
    this.send(RtlTcpCommand[setting], value);
  }

  protected async applyGain(gain: number | 'auto'): Promise<number | 'auto'> {
    this.send(RtlTcpCommand.gainMode, gain === 'auto' ? 0 : 1);
    if (gain === 'auto') {
      this.sent.delete(RtlTcpCommand.gainByIndex);
      this.sent.delete(RtlTcpCommand.gain);
      return gain;
    }
    if (this.chip.gains.length === 0) {
      this.send(RtlTcpCommand.gain, Math.round(gain * 10));
      return Math.round(gain * 10) / 10;
    }
    const index = nearestGain(gain, this.chip.gains);
    this.send(RtlTcpCommand.gainByIndex, index);
    return this.chip.gains[index]! / 10;
  }

  async setPpm(ppm: number): Promise<number> {
    this.send(RtlTcpCommand.frequencyCorrection, Math.round(ppm));
    return Math.round(ppm);
  }

  override async setOffsetTuning(on: boolean): Promise<boolean> {
    const able = this.chip.name !== 'R820T' && this.chip.name !== 'R828D';
    if (on && !able)
      throw new DeviceError('E_UNSUPPORTED', `The ${this.chip.name} tuner has no offset tuning.`, {
        hint: 'Leave it off: this tuner has no DC spike to avoid.',
      });
    return super.setOffsetTuning(on);
  }

  protected async connect(): Promise<void> {
    const connection = await RtlTcpConnection.open(this.address, this.clock, this.connectTimeoutMs);
    this.connection = connection;
    this.odd = undefined;
    this.chip = tunerChip(connection.greeting.tuner);
    for (const [command, value] of this.sent) connection.send(command, value);
    connection.onData = (bytes) => this.receive(bytes);
    connection.onEnd = (error) => this.lostConnection(error);
  }

  protected disconnect(): void {
    this.connection?.close();
    this.connection = undefined;
  }

  private send(command: number, value: number): void {
    this.sent.set(command, value);
    this.connection?.send(command, value);
  }

  private receive(bytes: Buffer): void {
    const all = this.odd === undefined ? bytes : Buffer.concat([this.odd, bytes]);
    const even = all.length & ~1;
    this.odd = even < all.length ? all.subarray(even) : undefined;
    if (even === 0) return;
    this.arriveBytes(new Uint8Array(all.buffer, all.byteOffset, even));
  }
}
