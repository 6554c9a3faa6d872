import { DeviceError, toDenoiseError } from '../../src/errors.js';
import type { ReconnectingOptions } from './reconnecting.js';
import { noRtlSdr, rtlSdrError } from './rtl-sdr-errors.js';
import {
  loadRtlSdr,
  type RtlSdrGetter,
  type RtlSdrHandle,
  type RtlSdrLibrary,
  type RtlSdrSetter,
} from './rtl-sdr-library.js';
import { RtlSdrReader } from './rtl-sdr-reader.js';
import { nearestGain, tunerChip } from './rtl2832u.js';
import { type Rtl2832uSetting, Rtl2832uSource } from './rtl2832u-source.js';
import { applySettings, type TunerSettings } from './tuner.js';

const SETTERS: Readonly<Record<Rtl2832uSetting, RtlSdrSetter>> = {
  centreFrequency: 'set_center_freq',
  sampleRate: 'set_sample_rate',
  agcMode: 'set_agc_mode',
  biasTee: 'set_bias_tee',
  directSampling: 'set_direct_sampling',
  offsetTuning: 'set_offset_tuning',
};
const GETTERS: Readonly<Partial<Record<Rtl2832uSetting, RtlSdrGetter>>> = {
  centreFrequency: 'get_center_freq',
  sampleRate: 'get_sample_rate',
};

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
export class RtlSdrSource extends Rtl2832uSource {
  private readonly library: RtlSdrLibrary;
  private device: RtlSdrHandle | undefined;
  private reader: RtlSdrReader | undefined;
  /** Values set, in the order of first use: set again after the dongle came back. */
  private readonly settings = new Map<RtlSdrSetter, number>();
  private last: Promise<unknown> = Promise.resolve();

  private constructor(private readonly options: RtlSdrOptions) {
    super(options);
    this.library = loadRtlSdr(options.library);
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

  protected async apply(setting: Rtl2832uSetting, value: number, doing: string): Promise<number | undefined> {
    // C's int: frequencies over 2^31 Hz keep their 32 bits.
    await this.set(SETTERS[setting], value | 0, doing);
    const getter = GETTERS[setting];
    if (getter === undefined || this.device === undefined) return undefined;
    return this.library.get(getter, this.device);
  }

  protected async applyGain(gain: number | 'auto'): Promise<number | 'auto'> {
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
        { library: this.options.library, sampleRate: this.sampleRate },
        (samples) => this.device === device && this.arriveBytes(samples),
        (result) => this.ended(device, result),
      );
    });
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
