import { type RawData, WebSocket } from 'ws';
import { DeviceError } from '../../src/errors.js';
import type { Timer } from '../clock.js';
import { connectionError } from './connection-error.js';
import { NetworkTuner, type NetworkTunerOptions } from './network-tuner.js';

const KIND = {
  name: 'KiwiSDR',
  code: 'E_KIWISDR_CONNECTION',
  startHint: 'Check host and port; a KiwiSDR listens at 8073 unless its owner chose another.',
};
/** No message is longer; what is means harm. */
const MOST_MESSAGE_BYTES = 2 ** 18;
/** A KiwiSDR receives up to 30 MHz, some up to 32. */
const MOST_HZ = 32e6;
/** Share of the band that the passband takes, to either side. */
const PASS_SHARE = 0.45;
/** The server ends a connection that says nothing for a minute. */
const KEEP_ALIVE_MS = 5_000;
/** Before the samples of a message: tag, flags, number, strength, and the time by GPS. */
const SOUND_HEADER_BYTES = 3 + 1 + 4 + 2;
const GPS_BYTES = 10;
const LITTLE_ENDIAN_FLAG = 0x80;
const DEFAULT_MANUAL_GAIN = 50;

/**
 * IQ from a KiwiSDR, 12 or 20 kHz wide, by the messages of its web page (jks-prv/kiwiclient): text commands, `MSG` with settings
 * and `SND` with samples. Servers that are silent, full, restarted or reset are connected to again with back-off.
 */
export class KiwiSdrSource extends NetworkTuner {
  readonly tuner = 'KiwiSDR';
  private socket: WebSocket | undefined;
  private keepAlive: Timer | undefined;
  private nextNumber: number | undefined;

  private constructor(private readonly options: NetworkTunerOptions) {
    super(options, 7.1e6);
    this.lastGain = options.gain ?? 'auto';
    checkFrequency(this.centre);
  }

  /**
   * Connects and tunes.
   *
   * @throws DeviceError when there is no KiwiSDR at the address, all its receivers are taken, or it wants a password.
   */
  static async open(options: NetworkTunerOptions): Promise<KiwiSdrSource> {
    const source = new KiwiSdrSource(options);
    await source.start();
    return source;
  }

  async setCentre(hz: number): Promise<number> {
    const wanted = Math.round(hz);
    checkFrequency(wanted);
    if (wanted !== this.centre) this.markBreak(`tuned from ${this.centre} to ${wanted} Hz`);
    this.centre = wanted;
    this.#tune();
    return wanted;
  }

  /** Its manual gain, 0 to 120 dB; `auto` its own gain control. */
  protected async applyGain(gain: number | 'auto'): Promise<number | 'auto'> {
    this.lastGain = gain === 'auto' ? gain : Math.max(0, Math.min(120, Math.round(gain)));
    this.#sendGain();
    return this.lastGain;
  }

  #tune(): void {
    const pass = Math.floor(this.rate * PASS_SHARE);
    const kilohertz = (this.centre / 1000).toFixed(3);
    this.#send(`SET mod=iq low_cut=${-pass} high_cut=${pass} freq=${kilohertz}`);
  }

  #sendGain(): void {
    const isAuto = this.lastGain === 'auto';
    const manual = isAuto ? DEFAULT_MANUAL_GAIN : this.lastGain;
    this.#send(`SET agc=${isAuto ? 1 : 0} hang=0 thresh=-100 slope=6 decay=1000 manGain=${manual}`);
  }

  #send(text: string): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(text);
  }

  protected connect(): Promise<void> {
    const { host, port } = this.options;
    const name = host.includes(':') ? `[${host}]` : host;
    const url = `ws://${name}:${port}/${Math.floor(Date.now() / 1000)}/SND`;
    const socket = new WebSocket(url, { maxPayload: MOST_MESSAGE_BYTES, perMessageDeflate: false });
    this.socket = socket;
    this.nextNumber = undefined;
    let running = false;
    return new Promise((resolve, reject) => {
      const timer = this.clock.after(this.connectTimeoutMs, () =>
        end(refusal(`does not tell its rate within ${this.connectTimeoutMs / 1000} s`, 'Try again later.')),
      );
      const end = (error: DeviceError) => {
        timer.cancel();
        reject(error);
        socket.terminate();
        if (running && this.socket === socket) this.lostConnection(error);
      };
      socket.on('open', () => this.#send('SET auth t=kiwi p='));
      socket.on('error', (error) => end(connectionError(KIND, this.options, error)));
      socket.on('close', () =>
        end(connectionError(KIND, this.options, Object.assign(new Error('closed'), { code: 'ECONNRESET' }))),
      );
      socket.on('message', (data: RawData) => {
        if (this.socket !== socket || !Buffer.isBuffer(data)) return;
        const tag = data.toString('latin1', 0, 3);
        if (tag === 'SND' && running) this.#receive(data);
        if (tag !== 'MSG') return;
        try {
          if (!this.#settings(data.toString('utf8', 4)) || running) return;
          running = true;
          timer.cancel();
          resolve();
        } catch (error) {
          end(error as DeviceError);
        }
      });
    });
  }

  /** Answers a message of settings. @returns true when the rate is known, and all was asked for */
  #settings(text: string): boolean {
    let isReady = false;
    for (const pair of text.split(' ')) {
      const [name, value = ''] = pair.split('=', 2);
      if (name === 'too_busy')
        throw refusal('has no free receiver', `All ${value} are taken: try again later, or another one.`);
      if (name === 'badp' && value !== '0')
        throw refusal('wants a password', 'Choose one that is open to all.');
      if (name === 'down') throw refusal('is switched off by its owner', 'Try again later, or another one.');
      if (name === 'audio_rate') this.#send(`SET AR OK in=${value} out=44100`);
      if (name !== 'sample_rate') continue;
      this.#setRate(Number(value));
      for (const line of ['SET squelch=0 max=0', 'SET genattn=0', 'SET gen=0 mix=-1', 'SET compression=0'])
        this.#send(line);
      this.#send('SET ident_user=denoise');
      this.#sendGain();
      this.#tune();
      this.#stayAlive();
      isReady = true;
    }
    return isReady;
  }

  #setRate(exact: number): void {
    const rate = Math.round(exact);
    if (!(rate >= 8_000 && rate <= 200_000))
      throw refusal(`tells an impossible rate, ${exact} Hz`, 'Check that it is a KiwiSDR.');
    if (this.rate !== 0 && this.rate !== rate) this.rateChanged(this.rate, rate);
    this.rate = rate;
  }

  #stayAlive(): void {
    this.keepAlive?.cancel();
    this.#send('SET keepalive');
    this.keepAlive = this.clock.after(KEEP_ALIVE_MS, () => this.#stayAlive());
  }

  /** A message of samples: big-endian, unless a flag says otherwise. */
  #receive(data: Buffer): void {
    const count = (data.length - SOUND_HEADER_BYTES - GPS_BYTES) >> 2;
    if (count <= 0) return;
    const number = data.readUInt32LE(4);
    const missing = this.nextNumber === undefined ? 0 : (number - this.nextNumber) >>> 0;
    this.nextNumber = (number + 1) >>> 0;
    // Numbers that jump far are a server that has begun anew.
    if (missing > 0 && missing < 1_000)
      this.missed(BigInt(missing * count), 'messages were lost on the way', false);
    const isLittle = (data[3] & LITTLE_ENDIAN_FLAG) !== 0;
    const from = SOUND_HEADER_BYTES + GPS_BYTES;
    const samples = new Int16Array(2 * count);
    for (let n = 0; n < samples.length; n++)
      samples[n] = isLittle ? data.readInt16LE(from + 2 * n) : data.readInt16BE(from + 2 * n);
    const { sampleRate, centreHz } = this;
    this.arrive({ samples, format: 'cs16', sampleRate, centreHz }, count);
  }

  protected disconnect(): void {
    const { socket } = this;
    this.socket = undefined;
    this.keepAlive?.cancel();
    this.keepAlive = undefined;
    socket?.terminate();
  }
}

const refusal = (why: string, hint: string): DeviceError =>
  new DeviceError('E_KIWISDR', `The KiwiSDR ${why}.`, { hint });

function checkFrequency(hz: number): void {
  if (hz >= 0 && hz <= MOST_HZ) return;
  throw new DeviceError('E_FREQUENCY_RANGE', `A KiwiSDR does not reach ${hz} Hz.`, {
    hint: 'It receives up to 30 MHz.',
  });
}
