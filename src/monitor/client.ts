import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import type { z } from 'zod';
import { toDenoiseError, UsageError } from '../errors.js';
import { Access } from '../web/access.js';
import { CLOSE, Connection, type ConnectionOptions } from '../web/connection.js';
import { parseMessage } from '../web/parse-message.js';
import { RateLimit } from '../web/rate-limit.js';
import { clientMessageSchema, PROTOCOL_VERSION, type ServerMessage, topicKey } from './protocol/messages.js';
import type { MonitorTarget, Subscriber } from './target.js';

export interface ClientOptions extends ConnectionOptions {
  access: Access;
  target: MonitorTarget;
  /** Name and version of the program. */
  program: string;
  /** Who comes and goes, and what they command. Tokens are never in it. Default none. */
  log?: Logger;
  /** Nobody may command. Default false. */
  readOnly?: boolean;
  /** Messages per second of one client, after a burst of four times as many. Default 20. */
  messagesPerSecond?: number;
}

/** A client that has not authenticated after this long is disconnected, milliseconds. */
const HELLO_MS = 10_000;
/** How often a client is told at most what it missed, milliseconds. */
const TELL_MS = 1000;
/** So many refused messages end a connection. */
const MOST_ERRORS = 20;

/** One client of the monitor: what it may, what it subscribed to, and what it asks for. */
export class MonitorClient implements Subscriber {
  readonly connection: Connection;
  readonly #subscriptions = new Map<string, () => void>();
  readonly #missed = new Map<string, number>();
  readonly #rate: RateLimit;
  readonly #log: Logger | undefined;
  readonly #helloTimer: NodeJS.Timeout;
  #tell: NodeJS.Timeout | undefined;
  #isWelcome = false;
  #errors = 0;

  constructor(
    socket: WebSocket,
    request: IncomingMessage,
    private readonly options: ClientOptions,
  ) {
    const { access, program, messagesPerSecond = 20 } = options;
    this.connection = new Connection(socket, options);
    this.#rate = new RateLimit(4 * messagesPerSecond, messagesPerSecond);
    socket.on('message', (data, isBinary) => void this.#receive(data, isBinary));
    this.#helloTimer = setTimeout(
      () => this.connection.close(CLOSE.unauthorised, 'No hello came.'),
      HELLO_MS,
    ).unref();
    const client = { client: request.socket.remoteAddress, port: request.socket.remotePort };
    this.#log = options.log?.child(client);
    this.#log?.info('client connected');
    socket.once('close', (code) => {
      this.#log?.info(
        { code: this.connection.closedWith ?? code, missed: this.connection.missed },
        'client gone',
      );
      clearTimeout(this.#helloTimer);
      clearTimeout(this.#tell);
      for (const end of this.#subscriptions.values()) end();
      this.#subscriptions.clear();
    });
    this.message({ type: 'hello', protocol: PROTOCOL_VERSION, program, needsToken: access.needsToken });
    if (access.isToken(Access.bearer(request))) this.#isWelcome = access.needsToken;
    if (this.#isWelcome) this.#welcome();
  }

  message(message: ServerMessage): void {
    this.connection.send(message);
  }

  frame(key: string, bytes: Uint8Array): boolean {
    if (this.connection.sendFrame(bytes)) return true;
    this.#missed.set(key, (this.#missed.get(key) ?? 0) + 1);
    this.#tell ??= setTimeout(() => this.#tellMissed(), TELL_MS).unref();
    return false;
  }

  #tellMissed(): void {
    this.#tell = undefined;
    for (const [key, count] of this.#missed) this.message({ type: 'missed', key, count });
    this.#missed.clear();
  }

  async #receive(data: RawData, isBinary: boolean): Promise<void> {
    if (!this.#rate.take('')) {
      this.connection.close(CLOSE.flood, 'Too many messages.');
      return;
    }
    try {
      if (isBinary) throw new UsageError('E_MESSAGE', 'The monitor takes text messages only.');
      await this.#handle(parseMessage(clientMessageSchema, String(data), 'docs/protocol.md'));
    } catch (error) {
      this.#refuse(error);
    }
  }

  #refuse(error: unknown): void {
    const known = toDenoiseError(error, 'The message');
    this.message({ type: 'error', error: known.toJSON() });
    if (++this.#errors >= MOST_ERRORS) this.connection.close(CLOSE.flood, 'Too many refused messages.');
  }

  async #handle(message: z.output<typeof clientMessageSchema>): Promise<void> {
    if (message.type === 'hello') {
      this.#hello(message.token);
      return;
    }
    if (!this.#isWelcome) throw new UsageError('E_HELLO', 'The first message is a hello.');
    switch (message.type) {
      case 'ping':
        this.message({ type: 'pong', time: message.time });
        return;
      case 'subscribe':
        for (const topic of message.topics) {
          const key = topicKey(topic);
          this.#subscriptions.get(key)?.();
          this.#subscriptions.delete(key);
          this.#subscriptions.set(key, this.options.target.subscribe(topic, this));
        }
        return;
      case 'unsubscribe':
        for (const key of message.keys) {
          this.#subscriptions.get(key)?.();
          this.#subscriptions.delete(key);
        }
        return;
      case 'command':
        await this.#command(message.id, message.command);
    }
  }

  #hello(token: string | undefined): void {
    if (this.#isWelcome) return;
    if (!this.options.access.isToken(token)) {
      this.connection.close(CLOSE.unauthorised, 'The token is wrong.');
      return;
    }
    this.#isWelcome = true;
    this.#welcome();
  }

  #welcome(): void {
    clearTimeout(this.#helloTimer);
    const { target, readOnly = false } = this.options;
    const { commands, topics } = target;
    this.message({ type: 'welcome', mayCommand: !readOnly, commands: readOnly ? [] : commands, topics });
  }

  async #command(id: number, command: Parameters<MonitorTarget['execute']>[0]): Promise<void> {
    const { target, readOnly } = this.options;
    try {
      if (readOnly) throw new UsageError('E_READ_ONLY', 'This monitor only shows; it takes no commands.');
      if (!target.commands.includes(command.name))
        throw new UsageError('E_COMMAND', `"${command.name}" cannot be done here.`);
      const value = await target.execute(command);
      this.#log?.info({ command }, 'command');
      this.message({ type: 'result', id, ok: true, ...(value === undefined ? {} : { value }) });
    } catch (error) {
      const known = toDenoiseError(error, `The command "${command.name}"`);
      this.#log?.warn({ command, code: known.code }, 'command refused');
      this.message({ type: 'result', id, ok: false, error: known.toJSON() });
    }
  }
}
