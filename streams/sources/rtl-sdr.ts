import { DeviceError, toDenoiseError } from '../../src/errors.js';
import type { IqChunk } from '../iq-chunk.js';
import { type ReconnectingOptions, ReconnectingSource } from './reconnecting.js';
import { noRtlSdr, rtlSdrError } from './rtl-sdr-errors.js';
import {
  loadRtlSdr,
  type RtlSdrGetter,
  type RtlSdrHandle,
  type RtlSdrLibrary,
  type RtlSdrSetter,
} from './rtl-sdr-library.js';
import { RtlSdrReader } from './rtl-sdr-reader.js';
import { checkFrequency, DIRECT_SAMPLING, exactSampleRate, nearestGain, tunerChip } from './rtl2832u.js';
import { applySettings, type DirectSampling, type Tuner, type TunerSettings } from './tuner.js';

/** A dongle that is plugged in. */
export interface RtlSdrDevice {
  index: number;
  name: string;
  /** Serial number; `undefined` when it cannot be read (no permission, or in use). */
  serial: string | undefined;
}

export interface RtlSdrOptions extends TunerSettings, ReconnectingOptions {
  /** Serial number, or its end; or the index of the dongle (`0`). Default: the first one. */
  serial?: string;
  /** File of librtlsdr; default: where the system keeps it. */
  library?: string;
}

/**
 * Lists the RTL-SDR dongles that are plugged in.
 *
 * @throws DeviceError `E_NO_LIBRTLSDR` when librtlsdr is not installed.
 */
export function listRtlSdr(library?: string): RtlSdrDevice[] {
  return listWith(loadRtlSdr(library));
}

function listWith(library: RtlSdrLibrary): RtlSdrDevice[] {
  return Array.from({ length: library.deviceCount() }, (_, index) => ({
    index,
    name: library.deviceName(index),
    serial: library.usbStrings(index)?.[2],
  }));
}

/** An RTL-SDR on this machine, through the system's librtlsdr. Unplugged, it is opened again when it comes back. */
export class RtlSdrSource extends ReconnectingSource<IqChunk> implements Tuner {
  readonly kind = 'iq';
  private readonly library: RtlSdrLibrary;
  private device: RtlSdrHandle | undefined;
  private reader: RtlSdrReader | undefined;
  private chip = tunerChip(0);
  /** Values set, in the order of first use: set again after the dongle came back. */
  private readonly settings = new Map<RtlSdrSetter, number>();
  private last: Promise<unknown> = Promise.resolve();
  private rate: number;
  private centre = 0;
  private input: DirectSampling = 'off';

  private constructor(private readonly options: RtlSdrOptions) {
    super(options);
    this.library = loadRtlSdr(options.library);
    this.rate = exactSampleRate(options.sampleRate ?? 1_024_000);
  }

  /**
   * Opens and tunes a dongle.
   *
   * @throws DeviceError when librtlsdr or the dongle is missing, busy or forbidden, or cannot do what `options` ask.
   */
  static async open(options: RtlSdrOptions = {}): Promise<RtlSdrSource> {
    const source = new RtlSdrSource(options);
    await source.start();
    try {
      await applySettings(source, options);
      source.startReading();
    } catch (error) {
      source.destroy();
      throw error;
    }
    return source;
  }

  get sampleRate(): number {
    return this.rate;
  }

  get centreHz(): number {
    return this.centre;
  }

  get tuner(): string {
    return this.chip.name;
  }

  get gains(): readonly number[] {
    return this.chip.gains.map((tenths) => tenths / 10);
  }

  async setCentre(hz: number): Promise<number> {
    const asked = checkFrequency(hz, this.chip, this.input);
    await this.set('set_center_freq', asked | 0, `Tuning to ${asked / 1e6} MHz`);
    const real = this.actual('get_center_freq', asked);
    if (this.centre !== 0 && real !== this.centre) this.markBreak(`tuned to ${real / 1e6} MHz`);
    this.centre = real;
    return real;
  }

  async setSampleRate(hz: number): Promise<number> {
    const asked = exactSampleRate(hz);
    await this.set('set_sample_rate', Math.round(hz), `Setting the sample rate to ${hz} Hz`);
    const real = this.actual('get_sample_rate', asked);
    this.rateChanged(this.rate, real);
    this.rate = real;
    return real;
  }

  async setGain(gain: number | 'auto'): Promise<number | 'auto'> {
    await this.set('set_tuner_gain_mode', gain === 'auto' ? 0 : 1, 'Setting the gain mode');
    if (gain === 'auto') {
      this.settings.delete('set_tuner_gain');
      return gain;
    }
    const { gains } = this.chip;
    const tenths = gains.length === 0 ? Math.round(gain * 10) : gains[nearestGain(gain, gains)]!;
    await this.set('set_tuner_gain', tenths, `Setting the gain to ${gain} dB`);
    return this.actual('get_tuner_gain', tenths) / 10;
  }

  async setPpm(ppm: number): Promise<number> {
    const asked = Math.round(ppm);
    // librtlsdr refuses the correction it has already.
    if (this.device === undefined || this.actual('get_freq_correction', 0) !== asked)
      await this.set('set_freq_correction', asked, `Setting the correction to ${asked} ppm`);
    return this.actual('get_freq_correction', asked);
  }

  async setAgc(on: boolean): Promise<boolean> {
    await this.set('set_agc_mode', on ? 1 : 0, 'Setting the digital gain control');
    return on;
  }

  async setBiasTee(on: boolean): Promise<boolean> {
    await this.set('set_bias_tee', on ? 1 : 0, 'Switching the bias tee');
    return on;
  }

  async setDirectSampling(input: DirectSampling): Promise<DirectSampling> {
    await this.set('set_direct_sampling', DIRECT_SAMPLING.indexOf(input), 'Setting direct sampling');
    this.input = input;
    return input;
  }

  async setOffsetTuning(on: boolean): Promise<boolean> {
    await this.set('set_offset_tuning', on ? 1 : 0, 'Setting offset tuning');
    return on;
  }

  protected async connect(): Promise<void> {
    const index = this.findDevice();
    const device = await this.library.open(index);
    if (typeof device === 'number') throw rtlSdrError('The RTL-SDR cannot be opened', device);
    this.device = device;
    this.chip = tunerChip(this.library.tunerType(device));
    for (const [name, value] of this.settings) await this.library.set(name, device, value);
    if (this.settings.size > 0) this.startReading();
  }

  protected async disconnect(): Promise<void> {
    const { reader, device } = this;
    this.reader = undefined;
    this.device = undefined;
    await this.last.catch(() => {});
    const letGo = (await reader?.stop()) ?? true;
    if (device !== undefined && letGo) await this.library.close(device);
  }

  private startReading(): void {
    const { device } = this;
    if (device === undefined || this.reader !== undefined) return;
    void this.library.resetBuffer(device).then(() => {
      if (this.device !== device) return;
      this.reader = new RtlSdrReader(
        this.library,
        device,
        { library: this.options.library, sampleRate: this.rate },
        (samples) => this.device === device && this.receive(samples),
        (result) => this.ended(device, result),
      );
    });
  }

  private receive(samples: Uint8Array): void {
    this.arrive({ samples, format: 'cu8', sampleRate: this.rate, centreHz: this.centre }, samples.length / 2);
  }

  private ended(device: RtlSdrHandle, result: number | Error): void {
    if (this.device !== device) return;
    // librtlsdr ends with 0 when all transfers failed at once, as they do on an unplug.
    const error = typeof result === 'number' ? rtlSdrError('The RTL-SDR stopped', result || -4) : result;
    this.lostConnection(toDenoiseError(error, 'Reading the RTL-SDR') as DeviceError);
  }

  private findDevice(): number {
    const devices = listWith(this.library);
    const { serial } = this.options;
    const found =
      serial === undefined
        ? devices[0]
        : (devices.find((device) => device.serial === serial) ??
          devices.find((device) => device.serial?.endsWith(serial)) ??
          devices.find((device) => String(device.index) === serial));
    if (found === undefined)
      throw noRtlSdr(
        serial,
        devices.map((device) => device.serial ?? device.name),
      );
    return found.index;
  }

  private actual(name: RtlSdrGetter, fallback: number): number {
    return this.device === undefined ? fallback : this.library.get(name, this.device);
  }

  /** One at a time: librtlsdr's settings share an I²C bus and no lock. */
  private set(name: RtlSdrSetter, value: number, doing: string): Promise<void> {
    const run = async () => {
      if (this.device !== undefined) {
        const result = await this.library.set(name, this.device, value);
        if (result < 0)
          throw new DeviceError('E_UNSUPPORTED', `${doing}: the radio refused (error ${result}).`, {
            hint: `Its tuner is a ${this.chip.name}; leave this setting off.`,
          });
      }
      this.settings.set(name, value);
    };
    const done = this.last.then(run, run);
    this.last = done.catch(() => {});
    return done;
  }
}
