import { WebSocket } from 'ws';
import type { AudioChunk } from '../../src/audio/chunk.js';
import { DeviceError, InputError, toDenoiseError } from '../../src/errors.js';
import { AUDIO_FRAME_LIMIT, decodeAudioFrame } from '../audio-frame.js';
import { type ReconnectingOptions, ReconnectingSource } from './reconnecting.js';

export interface WebSocketSourceOptions extends ReconnectingOptions {
  /** Milliseconds in which the first message must come; default 10 000. */
  startTimeoutMs?: number;
}

/** Options for a socket of ours, and of any server that accepts audio: no message may exhaust memory. */
export const AUDIO_SOCKET_OPTIONS = { maxPayload: AUDIO_FRAME_LIMIT, perMessageDeflate: false } as const;

/**
 * Audio over a WebSocket, in the messages of `audio-frame.ts`: as a client, which connects again when the connection is
 * lost, or at a server, for a socket that it accepted.
 */
export class WebSocketSource extends ReconnectingSource<AudioChunk> {
  readonly kind = 'audio';
  private rate = 0;
  private count = 0;
  private socket: WebSocket | undefined;
  private expected: bigint | undefined;
  private readonly startTimeoutMs: number;

  private constructor(
    private readonly peer: string | WebSocket,
    options: WebSocketSourceOptions,
  ) {
    super(options);
    this.startTimeoutMs = options.startTimeoutMs ?? 10_000;
  }

  /**
   * Connects; resolves with the first message.
   *
   * @param url `ws://…` or `wss://…`.
   * @throws DeviceError when there is no server, or it sends nothing, or something else.
   */
  static async open(url: string, options: WebSocketSourceOptions = {}): Promise<WebSocketSource> {
    const source = new WebSocketSource(url, options);
    await source.start();
    return source;
  }

  /**
   * Takes over a socket that a server accepted; resolves with the first message. The stream ends when the socket closes.
   * Give the server {@link AUDIO_SOCKET_OPTIONS}.
   */
  static async accept(socket: WebSocket, options: WebSocketSourceOptions = {}): Promise<WebSocketSource> {
    const source = new WebSocketSource(socket, options);
    await source.start();
    return source;
  }

  get sampleRate(): number {
    return this.rate;
  }

  get channels(): number {
    return this.count;
  }

  protected connect(): Promise<void> {
    const { peer } = this;
    const socket = typeof peer === 'string' ? new WebSocket(peer, AUDIO_SOCKET_OPTIONS) : peer;
    const name = typeof peer === 'string' ? peer : 'The client';
    this.socket = socket;
    this.expected = undefined;
    return new Promise((resolve, reject) => {
      const timer = this.clock.after(this.startTimeoutMs, () =>
        end(`no audio within ${this.startTimeoutMs / 1000} s`),
      );
      let started = false;
      const end = (why: string, cause?: unknown) => {
        timer.cancel();
        const error = new DeviceError('E_WEB_SOCKET', `${name}: ${why}.`, {
          hint: 'Check the address, and that the other end sends audio as denoise does.',
          cause,
        });
        reject(error);
        if (this.socket === socket && started) this.lostConnection(error);
      };
      socket.on('error', (error) => end(error.message, error));
      socket.on('close', () => end('the connection was closed'));
      socket.on('message', (data, isBinary) => {
        if (this.socket !== socket) return;
        try {
          if (!isBinary || !Buffer.isBuffer(data))
            throw new InputError('E_AUDIO_FRAME', 'A message is text.');
          this.receive(decodeAudioFrame(data));
          started = true;
          timer.cancel();
          resolve();
        } catch (error) {
          socket.close(1007);
          // The next connection would bring the same again.
          if (started && error instanceof InputError && error.code === 'E_FORMAT_CHANGED')
            this.fail(error, 'Reading a message');
          end(toDenoiseError(error, 'Reading a message').message.replace(/\.$/, ''), error);
        }
      });
    });
  }

  /** A socket that was accepted cannot be connected to again: its stream is over. */
  protected override lostConnection(error: DeviceError): void {
    if (typeof this.peer === 'string') super.lostConnection(error);
    else this.finish();
  }

  protected disconnect(): void {
    const { socket } = this;
    this.socket = undefined;
    // terminate() on a socket that still connects emits an error; its listener is there.
    socket?.terminate();
  }

  private receive(chunk: AudioChunk): void {
    if (this.rate === 0) {
      this.rate = chunk.sampleRate;
      this.count = chunk.samples.length;
    }
    if (chunk.sampleRate !== this.rate || chunk.samples.length !== this.count)
      throw new InputError('E_FORMAT_CHANGED', 'The sample rate or the number of channels changed.', {
        hint: 'Connect again to receive the new format.',
      });
    const length = chunk.samples[0]!.length;
    if (length === 0) return;
    const lost = this.expected === undefined ? 0n : chunk.firstSample - this.expected;
    this.expected = chunk.firstSample + BigInt(length);
    if (lost > 0n) this.missed(lost, chunk.discontinuity?.reason ?? 'lost on the way', false);
    this.arrive({ samples: chunk.samples, sampleRate: chunk.sampleRate }, length);
  }
}
