/** The client of `denoise serve`, for Node and for browsers. */
import { DenoiseError } from '../../errors.js';
import { decodeAudioFrame, encodeAudioFrame, packSamples, unpackSamples } from '../../web/audio-frame.js';
import { SERVE_PROTOCOL, type ServeClientMessage, type ServeMessage } from '../messages.js';
import { openSocket, type SocketLike } from './socket.js';

export interface DenoiseClientOptions {
  /** Rate of the audio, Hz: 8000 to 192 000. */
  sampleRate: number;
  /** 1 or 2; default 1. */
  channels?: number;
  /** How samples cross the wire; default `s16`, which is half as long. */
  codec?: 's16' | 'f32';
  /** How much of the noise is taken out, 0 … 1. Default 1. */
  strength?: number;
  /** Whether what looks like music is left in; `on`: also notes that wobble. Default `auto`. */
  music?: 'auto' | 'on' | 'off';
  /** What the server asks for at other addresses than loopback. */
  token?: string;
  /** Name of the stream, by which a balancer pins it: letters, digits and `_.:-`, 64 at most. */
  id?: string;
  /** Called with clean audio, in order. */
  onAudio: (audio: CleanAudio) => void;
  /** Called when the server is going to end the stream in so many seconds: time to connect elsewhere. */
  onDraining?: (seconds: number) => void;
}

/** Samples that came back: sample n is the clean one of sample n that was sent. */
export interface CleanAudio {
  /** `[channels][time]`, full scale ±1. */
  samples: Float32Array[];
  firstSample: number;
  /** Samples before these were never sent. */
  discontinuity: boolean;
}

type Started = Extract<ServeMessage, { type: 'started' }>;

/** Bytes that may wait to be sent: 16 s of mono at 16 kHz in s16. */
const MOST_BUFFERED = 2 ** 19;
/** Samples of every channel in a message at most: a longer piece is cut. */
const MOST_SAMPLES = 2 ** 16;
const POLL_MS = 5;

/**
 * A stream through `denoise serve`.
 *
 * ```ts
 * const client = await DenoiseClient.connect('ws://127.0.0.1:8074', { sampleRate: 48_000, onAudio: ({ samples }) => play(samples) });
 * await client.send([microphone]);
 * await client.end();
 * ```
 */
export class DenoiseClient {
  /** Settles when the connection is gone; rejects where it ended before the stream did. */
  readonly closed: Promise<void>;
  readonly #started: Promise<Started>;
  #info: Started | undefined;
  #sent = 0;
  #sequence = 0;
  #failure: DenoiseError | undefined;
  #hasEnded = false;

  private constructor(
    private readonly socket: SocketLike,
    private readonly options: DenoiseClientOptions,
  ) {
    let resolveStarted!: (started: Started) => void;
    let rejectStarted!: (error: DenoiseError) => void;
    this.#started = new Promise((resolve, reject) => {
      resolveStarted = resolve;
      rejectStarted = reject;
    });
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => {
      if (typeof data !== 'string') this.#receiveAudio(new Uint8Array(data as ArrayBuffer));
      else this.#receive(JSON.parse(data) as ServeMessage, resolveStarted);
    };
    socket.onerror = () => {};
    this.closed = new Promise((resolve, reject) => {
      socket.onclose = ({ code, reason }) => {
        this.#failure ??= new DenoiseError(
          'E_SERVE_CLOSED',
          `The server closed the connection (${code}${reason === '' ? '' : `: ${reason}`}).`,
          { hint: 'Connect again, or look at the log of the server.' },
        );
        rejectStarted(this.#failure);
        if (this.#hasEnded) resolve();
        else reject(this.#failure);
      };
    });
    this.closed.catch(() => {});
  }

  /**
   * Connects and starts the stream.
   *
   * @param url such as `wss://host:8074`
   * @throws DenoiseError with the server's code, or `E_SERVE_CLOSED`
   */
  static async connect(url: string, options: DenoiseClientOptions): Promise<DenoiseClient> {
    const address = new URL('/stream', url);
    if (options.id !== undefined) address.searchParams.set('id', options.id);
    const client = new DenoiseClient(await openSocket(address.href, SERVE_PROTOCOL), options);
    client.#info = await client.#started;
    return client;
  }

  /** By how many samples the output trails the input until {@link end}. */
  get latencySamples(): number {
    return this.#info!.latencySamples;
  }

  /** Name of the stream in the log of the server. */
  get id(): string {
    return this.#info!.stream;
  }

  /** Whether so much waits to be sent that {@link send} would wait: a source that cannot wait leaves samples out, and tells. */
  get isBehind(): boolean {
    return this.socket.bufferedAmount > MOST_BUFFERED;
  }

  /**
   * Sends the next samples; waits while too much is under way.
   *
   * @param samples `[channels][time]`, any length, full scale ±1
   * @param left samples that were left out before these, default 0
   * @throws DenoiseError as {@link connect}
   */
  async send(samples: readonly Float32Array[], left = 0): Promise<void> {
    this.#sent += left;
    const [{ length }] = samples;
    for (let at = 0; at < length; at += MOST_SAMPLES) {
      while (this.isBehind && this.#failure === undefined)
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      if (this.#failure !== undefined) throw this.#failure;
      this.#sendFrame(samples.map((channel) => channel.subarray(at, at + MOST_SAMPLES)));
    }
  }

  /** No more samples follow; settles when all have come back. @throws DenoiseError as {@link connect} */
  async end(): Promise<void> {
    if (this.#failure === undefined) this.#say({ type: 'end' });
    await this.closed;
  }

  /** Gives up at once. */
  close(): void {
    this.#hasEnded = true;
    this.#failure ??= new DenoiseError('E_STREAM_ENDED', 'This stream was given up and takes no more audio.');
    this.socket.close(1000);
  }

  #sendFrame(samples: readonly Float32Array[]): void {
    const { sampleRate, codec = 's16' } = this.options;
    const frame = encodeAudioFrame({
      codec,
      place: 0,
      sequence: this.#sequence++,
      firstSample: this.#sent,
      sampleRate,
      channels: samples.length,
      squelchShut: false,
      discontinuity: false,
      payload: packSamples(samples, codec),
    });
    this.#sent += samples[0].length;
    this.socket.send(frame);
  }

  #say(message: ServeClientMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  #receiveAudio(bytes: Uint8Array): void {
    const frame = decodeAudioFrame(bytes);
    const { firstSample, discontinuity } = frame;
    this.options.onAudio({ samples: unpackSamples(frame), firstSample, discontinuity });
  }

  #receive(message: ServeMessage, started: (message: Started) => void): void {
    const { sampleRate, channels = 1, codec = 's16', strength, music, token } = this.options;
    switch (message.type) {
      case 'hello':
        this.#say({
          ...{ type: 'start', sampleRate, channels, codec },
          ...(strength === undefined ? {} : { strength }),
          ...(music === undefined ? {} : { music }),
          ...(token === undefined ? {} : { token }),
        });
        return;
      case 'started':
        started(message);
        return;
      case 'ended':
        this.#hasEnded = true;
        return;
      case 'draining':
        this.options.onDraining?.(message.seconds);
        return;
      case 'error': {
        const { code, message: text, hint } = message.error;
        this.#failure = new DenoiseError(code, text, hint === undefined ? {} : { hint });
      }
    }
  }
}
