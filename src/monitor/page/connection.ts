import { AUDIO_KIND, type AudioFrame, decodeAudioFrame } from '../../web/audio-frame.js';
import type { ClientMessage, Command, ServerMessage, Topic } from '../protocol/messages.js';
import {
  SPECTRUM_KIND,
  SPECTRUM_PLACES,
  SpectrumDecoder,
  type SpectrumLine,
} from '../protocol/spectrum-codec.js';

export interface ConnectionHandlers {
  state(text: string, isOpen: boolean): void;
  /** The server asks for a token, or the one it got is wrong. */
  askToken(): void;
  welcome(message: Extract<ServerMessage, { type: 'welcome' }>): void;
  message(message: ServerMessage): void;
  audio(frame: AudioFrame): void;
  spectrum(line: SpectrumLine): void;
}

/** Close code for a wrong token. */
const UNAUTHORISED = 4003;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
const RESULT_MS = 10_000;

/** The WebSocket to the program; it comes back by itself, and subscribes again to what it was subscribed to. */
export class MonitorConnection {
  #socket: WebSocket | undefined;
  #token: string | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #lines: SpectrumDecoder[] = [];
  readonly #topics = new Map<string, Topic>();
  readonly #results = new Map<number, (message: Extract<ServerMessage, { type: 'result' }>) => void>();
  #nextId = 1;

  constructor(
    private readonly url: string,
    private readonly protocol: string,
    private readonly handlers: ConnectionHandlers,
  ) {}

  /** What the server was told, if it asked. */
  get token(): string | undefined {
    return this.#token;
  }

  open(token: string | undefined): void {
    this.#token = token ?? this.#token;
    this.#socket?.close();
    const socket = new WebSocket(this.url, this.protocol);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#lines = SPECTRUM_PLACES.map(() => new SpectrumDecoder());
    socket.onmessage = ({ data }) => this.#receive(data as string | ArrayBuffer);
    socket.onclose = ({ code, reason }) => {
      if (this.#socket !== socket) return;
      if (code === UNAUTHORISED) {
        this.#token = undefined;
        this.handlers.state(reason || 'not allowed', false);
        this.handlers.askToken();
        return;
      }
      this.handlers.state(
        reason === '' ? 'connection lost, trying again…' : `${reason} Trying again…`,
        false,
      );
      setTimeout(() => this.#socket === socket && this.open(undefined), this.#pauseMs);
      this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
    };
  }

  /** Subscribes now and after every reconnection. */
  subscribe(key: string, topic: Topic): void {
    this.#topics.set(key, topic);
    this.#send({ type: 'subscribe', topics: [topic] });
  }

  unsubscribe(key: string): void {
    if (this.#topics.delete(key)) this.#send({ type: 'unsubscribe', keys: [key] });
  }

  /** Carries a command out. @returns what it gave. @throws Error with the server's sentence */
  command(command: Command): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#results.delete(id);
        reject(new Error('The program did not answer.'));
      }, RESULT_MS);
      this.#results.set(id, (message) => {
        clearTimeout(timer);
        this.#results.delete(id);
        if (message.ok) resolve(message.value);
        else reject(new Error(message.error.message));
      });
      this.#send({ type: 'command', id, command });
    });
  }

  #send(message: ClientMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #receive(data: string | ArrayBuffer): void {
    if (typeof data !== 'string') {
      this.#receiveFrame(new Uint8Array(data));
      return;
    }
    const message = JSON.parse(data) as ServerMessage;
    if (message.type === 'hello') this.#answerHello(message.needsToken);
    else if (message.type === 'welcome') this.#welcome(message);
    else if (message.type === 'result') this.#results.get(message.id)?.(message);
    else this.handlers.message(message);
  }

  #answerHello(needsToken: boolean): void {
    if (needsToken && this.#token === undefined) {
      this.handlers.state('a token is needed', false);
      this.handlers.askToken();
      return;
    }
    this.#send({ type: 'hello', ...(this.#token === undefined ? {} : { token: this.#token }) });
  }

  #welcome(message: Extract<ServerMessage, { type: 'welcome' }>): void {
    this.#pauseMs = FIRST_PAUSE_MS;
    this.handlers.state('connected', true);
    this.handlers.welcome(message);
    const topics = [...this.#topics.values()].filter(({ topic }) => message.topics.includes(topic));
    if (topics.length > 0) this.#send({ type: 'subscribe', topics });
  }

  #receiveFrame(bytes: Uint8Array): void {
    if (bytes[0] === AUDIO_KIND) this.handlers.audio(decodeAudioFrame(bytes));
    else if (bytes[0] === SPECTRUM_KIND) {
      const line = this.#lines[bytes[2]]?.decode(bytes);
      if (line !== undefined) this.handlers.spectrum(line);
    }
  }
}
