import { connect, type Socket } from 'node:net';
import { DeviceError, toDenoiseError } from '../../src/errors.js';
import { connectionError } from './connection-error.js';
import type { IqFormat, IqSamples } from './iq-chunk.js';
import { NetworkTuner, type NetworkTunerOptions } from './network-tuner.js';
import {
  type ClientSync,
  type DeviceInfo,
  encodeHello,
  encodeSetting,
  FORMAT,
  IQ_ONLY,
  MESSAGE,
  parseClientSync,
  parseDeviceInfo,
  SETTING,
  type SpyMessage,
  SpyMessageReader,
} from './spyserver-protocol.js';

const KIND = {
  name: 'SpyServer',
  code: 'E_SPYSERVER_CONNECTION',
  startHint: 'Start SpyServer on that machine; its port is 5555 unless its file says another.',
};
/** Complex samples per second to ask for at least, Hz. */
const DEFAULT_RATE = 250_000;

/**
 * IQ from a SpyServer (Airspy, Airspy HF+, RTL-SDR over the network). The rate is the lowest that the server has from the one
 * asked for on. Silent, slow, reset and restarted servers are connected to again with back-off.
 */
export class SpyServerSource extends NetworkTuner {
  private decimation = 0;
  private gainIndex: number | undefined;
  private info: DeviceInfo | undefined;
  private sync: ClientSync | undefined;
  private socket: Socket | undefined;

  private constructor(private readonly options: NetworkTunerOptions) {
    super(options, 100e6);
  }

  /**
   * Connects and tunes.
   *
   * @throws DeviceError when there is no SpyServer at the address, or it cannot do what `options` ask.
   */
  static async open(options: NetworkTunerOptions): Promise<SpyServerSource> {
    const source = new SpyServerSource(options);
    await source.start();
    try {
      await source.setGain(options.gain ?? 'auto');
    } catch (error) {
      source.destroy();
      throw error;
    }
    return source;
  }

  get tuner(): string {
    return this.info?.name ?? 'SpyServer';
  }

  /** Where the middle may lie, Hz: without control, where the channel still fits into the band that others listen to. */
  get #range(): [least: number, most: number] {
    const { info, sync } = this;
    return sync!.canControl ? [info!.minimumHz, info!.maximumHz] : [sync!.minimumIqHz, sync!.maximumIqHz];
  }

  async setCentre(hz: number): Promise<number> {
    const wanted = Math.round(hz);
    this.#checkCentre(wanted);
    if (wanted !== this.centre) this.markBreak(`tuned from ${this.centre} to ${wanted} Hz`);
    this.centre = wanted;
    this.#set(SETTING.iqFrequency, wanted);
    return wanted;
  }

  #checkCentre(hz: number): void {
    const [least, most] = this.#range;
    if (hz >= least && hz <= most) return;
    throw new DeviceError('E_FREQUENCY_RANGE', `${this.tuner} does not reach ${hz} Hz.`, {
      hint: this.sync!.canControl
        ? `It receives ${least} to ${most} Hz.`
        : `Another client holds the radio: choose from ${least} to ${most} Hz.`,
    });
  }

  /** The radio's gain in steps of its own, from 0; `auto` leaves it as it is. */
  protected async applyGain(gain: number | 'auto'): Promise<number | 'auto'> {
    if (gain === 'auto') {
      this.gainIndex = undefined;
      return gain;
    }
    const { maximumGainIndex } = this.info!;
    this.gainIndex = Math.max(0, Math.min(maximumGainIndex, Math.round(gain)));
    this.#set(SETTING.gain, this.gainIndex);
    return this.gainIndex;
  }

  #set(setting: number, value: number): void {
    this.socket?.write(encodeSetting(setting, value));
  }

  protected connect(): Promise<void> {
    const { options } = this;
    const socket = connect({ host: options.host, port: options.port, noDelay: true });
    const reader = new SpyMessageReader();
    let info: DeviceInfo | undefined;
    let failure: DeviceError | undefined;
    let running = false;
    this.socket = socket;
    return new Promise((resolve, reject) => {
      const where = `SpyServer at ${options.host}:${options.port}`;
      const fail = (error: DeviceError) => {
        timer.cancel();
        failure ??= error;
        socket.destroy();
        reject(failure);
      };
      const timer = this.clock.after(this.connectTimeoutMs, () =>
        fail(
          new DeviceError(
            'E_SPYSERVER_SILENT',
            `${where} does not greet within ${this.connectTimeoutMs / 1000} s.`,
            { hint: 'It may be full: servers take a number of clients only.' },
          ),
        ),
      );
      const handle = (message: SpyMessage) => {
        if (message.type === MESSAGE.deviceInfo) info = parseDeviceInfo(message.body);
        else if (message.type === MESSAGE.clientSync) {
          this.sync = parseClientSync(message.body);
          if (running || info === undefined) return;
          this.#begin(info);
          running = true;
          timer.cancel();
          resolve();
        } else if (running) this.#receive(message);
      };
      socket.on('connect', () => socket.write(encodeHello('denoise')));
      socket.on('error', (error) => fail(connectionError(KIND, options, error)));
      socket.on('data', (bytes: Buffer) => {
        try {
          for (const message of reader.push(bytes)) handle(message);
        } catch (error) {
          fail(toDenoiseError(error, 'Listening to SpyServer') as DeviceError);
        }
      });
      socket.on('close', () => {
        const gone = Object.assign(new Error('closed'), { code: 'ECONNRESET' });
        fail(failure ?? connectionError(KIND, options, gone));
        if (running && this.socket === socket) this.lostConnection(failure!);
      });
    });
  }

  /** Settles the rate at the first connection, and sends all settings at every one. */
  #begin(info: DeviceInfo): void {
    this.info = info;
    if (this.rate === 0) this.#chooseRate(info);
    else if (Math.round(info.maximumSampleRate / 2 ** this.decimation) !== this.rate)
      throw new DeviceError('E_SAMPLE_RATE', `${this.tuner} no longer has a rate of ${this.rate} Hz.`, {
        hint: 'Start again: another radio is behind it now.',
      });
    this.#checkCentre(this.centre);
    this.#set(SETTING.streamingMode, IQ_ONLY);
    this.#set(SETTING.iqFormat, info.forcedFormat || FORMAT.int16);
    this.#set(SETTING.iqDecimation, this.decimation);
    this.#set(SETTING.iqDigitalGain, 0);
    this.#set(SETTING.iqFrequency, this.centre);
    if (this.gainIndex !== undefined) this.#set(SETTING.gain, this.gainIndex);
    this.#set(SETTING.streamingEnabled, 1);
  }

  #chooseRate({ maximumSampleRate, decimationStages, minimumDecimation }: DeviceInfo): void {
    const wanted = this.options.sampleRate ?? DEFAULT_RATE;
    let stage = minimumDecimation;
    while (stage < decimationStages && maximumSampleRate / 2 ** (stage + 1) >= wanted) stage++;
    this.decimation = stage;
    this.rate = Math.round(maximumSampleRate / 2 ** stage);
  }

  #receive({ type, body }: SpyMessage): void {
    const taken = samplesOf(type, body);
    if (taken === undefined || taken.samples.length === 0) return;
    const { sampleRate, centreHz } = this;
    this.arrive({ ...taken, sampleRate, centreHz }, taken.samples.length / 2);
  }

  protected disconnect(): void {
    const { socket } = this;
    this.socket = undefined;
    socket?.destroy();
  }
}

/** The samples of a message, copied: they may lie at odd addresses. `undefined` for what is none. */
function samplesOf(type: number, body: Buffer): { samples: IqSamples; format: IqFormat } | undefined {
  const bytes = (perSample: number) =>
    Uint8Array.from(body.subarray(0, body.length - (body.length % perSample)));
  if (type === MESSAGE.uint8Iq) return { samples: bytes(2), format: 'cu8' };
  if (type === MESSAGE.int16Iq) return { samples: new Int16Array(bytes(4).buffer), format: 'cs16' };
  if (type === MESSAGE.floatIq) return { samples: new Float32Array(bytes(8).buffer), format: 'cf32' };
  return undefined;
}
