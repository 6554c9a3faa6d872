import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import type { Model } from '../engine/model.js';
import { type DenoiseError, InputError, toDenoiseError, UsageError } from '../errors.js';
import { Access } from '../web/access.js';
import { type AudioFrame, decodeAudioFrame, FrameError } from '../web/audio-frame.js';
import { CLOSE, Connection, type ConnectionOptions } from '../web/connection.js';
import { RateLimit } from '../web/rate-limit.js';
import { parseClientMessage } from './client-message.js';
import { SERVE_VERSION, type ServeClientMessage, type ServeMessage } from './messages.js';
import type { ServeMetrics } from './serve-metrics.js';
import { StreamAudio } from './stream-audio.js';

export interface ServedStreamOptions extends ConnectionOptions {
  model: Model;
  access: Access;
  metrics: ServeMetrics;
  log: Logger;
  /** Told of every frame that was denoised. */
  onFrame: (times: FrameTimes) => void;
  /** Name and version of the program. */
  program: string;
  /** A stream without audio for so long is let go, milliseconds. Default 60 000. */
  silentMs?: number;
}

/** Seconds. */
export interface FrameTimes {
  /** Of audio in the frame. */
  audio: number;
  /** From its arrival to the sending of the samples that it completed; `undefined` where it completed none. */
  delay: number | undefined;
  /** From when its turn came, behind the stream's other frames. */
  work: number;
}

/** A client that has not started a stream after so long is let go, milliseconds. */
const START_MS = 10_000;
/** Audio of a stream that waits here before its client is not read from any more, and read from again, seconds. */
const MOST_WAITING = 2;
const RESUME_WAITING = 1;
/** Messages of one client per second, after a burst of twice as many; a client above that is read from more slowly. */
const MESSAGES_PER_SECOND = 500;
/** For how long a client that sends too many messages is not read from, milliseconds. */
const REST_MS = 50;

/** Why streams end, by the code that the server closed with. */
const ENDINGS: Readonly<Record<number, string>> = {
  1000: 'ended',
  1001: 'shutdown',
  1011: 'failed',
  [CLOSE.idle]: 'idle',
  [CLOSE.slow]: 'slow',
  [CLOSE.refused]: 'refused',
};

/** One client: its handshake, its audio, and what it may. */
export class ServedStream {
  readonly id: string;
  /** Settles when the connection is gone and everything of the stream is put away. */
  readonly done: Promise<void>;
  readonly #connection: Connection;
  readonly #log: Logger;
  readonly #rate = new RateLimit(2 * MESSAGES_PER_SECOND, MESSAGES_PER_SECOND);
  readonly #timer: NodeJS.Timeout;
  #audio: StreamAudio | undefined;
  #sampleRate = 0;
  #isEnding = false;
  /** What came is worked on in turn. */
  #work: Promise<void> = Promise.resolve();
  #waitingSeconds = 0;
  #lastAudioAt = performance.now();

  constructor(
    private readonly socket: WebSocket,
    request: IncomingMessage,
    private readonly options: ServedStreamOptions,
  ) {
    const { access, log, program, silentMs = 60_000 } = options;
    this.id = streamId(request);
    this.#log = log.child({ stream: this.id, client: request.socket.remoteAddress });
    this.#connection = new Connection(socket, options);
    const hasToken = access.isToken(Access.bearer(request));
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary, hasToken));
    this.#timer = setInterval(() => this.#look(silentMs), Math.min(silentMs, START_MS) / 2).unref();
    this.done = new Promise((resolve) => {
      socket.once('close', () => void this.#finish().then(resolve));
    });
    this.#send({
      type: 'hello',
      protocol: SERVE_VERSION,
      program,
      needsToken: access.needsToken && !hasToken,
    });
  }

  /** Says that the server will end the stream in `seconds`. */
  announceEnd(seconds: number): void {
    this.#send({ type: 'draining', seconds });
  }

  /** Gives back everything that has come, and closes. */
  end(code: number, reason: string): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#work = this.#work
      .then(async () => {
        const audio = this.#audio;
        for (const frame of (await audio?.flush()) ?? []) await this.#give(frame);
        if (audio !== undefined) this.#send({ type: 'ended', samples: audio.sent });
        this.#connection.close(code, reason);
      })
      .catch((error: unknown) => this.#refuse(error));
  }

  #send(message: ServeMessage): void {
    this.#connection.send(message);
  }

  #receive(data: RawData, isBinary: boolean, hasToken: boolean): void {
    if (this.#isEnding) return;
    try {
      if (!this.#rate.take('')) this.#rest();
      if (isBinary) this.#receiveFrame(decodeAudioFrame(data as Buffer));
      else this.#receiveMessage(parseClientMessage(String(data)), hasToken);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #receiveMessage(message: ServeClientMessage, hasToken: boolean): void {
    if (message.type === 'end') {
      this.end(1000, 'The stream has ended.');
      return;
    }
    if (this.#audio !== undefined)
      throw new UsageError('E_STARTED', 'The stream has been started already.', {
        hint: 'Connect once for each stream.',
      });
    const { access, model, metrics } = this.options;
    const { token, sampleRate, channels, codec, strength, music } = message;
    if (!hasToken && !access.isToken(token)) {
      metrics.refused.inc({ reason: 'token' });
      this.#close(CLOSE.unauthorised, 'The token is wrong.');
      return;
    }
    const format = { sampleRate, channels, codec };
    this.#audio = new StreamAudio(model, { ...format, strength, music });
    this.#sampleRate = sampleRate;
    this.#lastAudioAt = performance.now();
    metrics.started.inc();
    const { latencySamples, codecDelaySamples } = this.#audio;
    this.#send({
      ...{ type: 'started', stream: this.id, model: model.name },
      ...{ ...format, latencySamples, codecDelaySamples },
    });
    this.#log.info({ ...format }, 'stream started');
  }

  #receiveFrame(frame: AudioFrame): void {
    const audio = this.#audio;
    if (audio === undefined)
      throw new UsageError('E_NOT_STARTED', 'Audio came before the stream was started.', {
        hint: 'Send start first, and wait for started.',
      });
    const arrived = performance.now();
    this.#lastAudioAt = arrived;
    const seconds = frameSeconds(frame);
    this.#waitingSeconds += seconds;
    if (this.#waitingSeconds > MOST_WAITING && !this.socket.isPaused) {
      this.options.metrics.pauses.inc();
      this.socket.pause();
    }
    this.#work = this.#work
      .then(async () => {
        if (!this.#connection.isOpen) return;
        const begun = performance.now();
        const frames = await audio.process(frame);
        for (const one of frames) await this.#give(one);
        const now = performance.now();
        const delay = frames.length > 0 ? (now - arrived) / 1000 : undefined;
        this.options.onFrame({ audio: seconds, delay, work: (now - begun) / 1000 });
        this.#waitingSeconds -= seconds;
        if (this.#waitingSeconds < RESUME_WAITING && this.socket.isPaused) this.socket.resume();
      })
      .catch((error: unknown) => this.#refuse(error));
  }

  /** Sends a frame; waits where the client reads too slowly, and with it everything that it sent. */
  async #give(frame: Uint8Array): Promise<void> {
    while (!this.#connection.sendFrame(frame)) {
      if (!this.#connection.isOpen) return;
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
    }
  }

  /** Leaves the client's messages where they are for a while. */
  #rest(): void {
    if (this.socket.isPaused) return;
    this.options.metrics.pauses.inc();
    this.socket.pause();
    setTimeout(() => {
      if (this.#waitingSeconds < MOST_WAITING) this.socket.resume();
    }, REST_MS).unref();
  }

  #refuse(error: unknown): void {
    const known = asClientError(error);
    this.#send({ type: 'error', error: known.toJSON() });
    const isOurs = !(known instanceof UsageError || known instanceof InputError);
    if (isOurs) this.#log.error({ err: error }, 'stream failed');
    this.#close(isOurs ? 1011 : CLOSE.refused, 'See the error that was sent before.');
  }

  #close(code: number, reason: string): void {
    this.#isEnding = true;
    this.#connection.close(code, reason);
  }

  #look(silentMs: number): void {
    const quietMs = performance.now() - this.#lastAudioAt;
    if (this.#audio === undefined && quietMs >= START_MS) this.#close(CLOSE.unauthorised, 'No start came.');
    else if (this.#audio !== undefined && quietMs >= silentMs && this.#waitingSeconds === 0)
      this.end(CLOSE.idle, 'No audio came.');
  }

  async #finish(): Promise<void> {
    clearInterval(this.#timer);
    await this.#work;
    const audio = this.#audio;
    if (audio === undefined) return;
    await audio.close();
    const { received, sent } = audio;
    const reason = ENDINGS[this.#connection.closedWith ?? 0] ?? 'left';
    this.options.metrics.ended.inc({ reason });
    this.#log.info({ seconds: received / this.#sampleRate, received, sent, reason }, 'stream ended');
  }
}

/** The name that a client gives its stream, in `?id=`, so that a balancer can pin it; else one of our own. */
function streamId({ url = '' }: IncomingMessage): string {
  const asked = new URL(url, 'http://host').searchParams.get('id') ?? '';
  return /^[\w.:-]{1,64}$/.test(asked) ? asked : randomUUID();
}

/** Length of a frame. A packet of Opus counts as 20 ms, whatever is in it. */
function frameSeconds({ codec, payload, channels, sampleRate }: AudioFrame): number {
  if (codec === 'opus') return 0.02;
  return payload.length / (codec === 'f32' ? 4 : 2) / channels / sampleRate;
}

function asClientError(error: unknown): DenoiseError {
  if (error instanceof FrameError) return new InputError('E_AUDIO_FRAME', error.message);
  return toDenoiseError(error, 'Denoising the stream');
}
