import { connect, type Socket } from 'node:net';
import { DeviceError } from '../../src/errors.js';
import type { Clock, Timer } from '../clock.js';
import { connectionError } from './connection-error.js';
import { encodeCommand, GREETING_BYTES, type Greeting, parseGreeting } from './rtl-tcp-protocol.js';

export interface RtlTcpAddress {
  host: string;
  port: number;
}

const KIND = {
  name: 'rtl_tcp',
  code: 'E_RTL_TCP_CONNECTION',
  startHint: 'Start rtl_tcp on that machine, with -a 0.0.0.0 when it is another one.',
};

/** A greeted connection to rtl_tcp: sends commands, gives bytes of IQ. Knows nothing of time after the greeting. */
export class RtlTcpConnection {
  /** Bytes as they come; set it before the next turn of the event loop. */
  onData: (bytes: Buffer) => void = () => {};
  /** Called once, when the connection ends for any reason but {@link close}. */
  onEnd: (error: DeviceError) => void = () => {};
  private closed = false;

  private constructor(
    private readonly socket: Socket,
    readonly greeting: Greeting,
    address: RtlTcpAddress,
    rest: Buffer,
  ) {
    let failure: DeviceError | undefined;
    socket.on('error', (error) => {
      failure = connectionError(KIND, address, error);
    });
    socket.on('close', () => {
      const ended = { code: 'ECONNRESET', name: '', message: '' };
      if (!this.closed) this.onEnd(failure ?? connectionError(KIND, address, ended));
      this.closed = true;
    });
    socket.on('data', (bytes: Buffer) => this.onData(bytes));
    if (rest.length > 0) setImmediate(() => this.closed || this.onData(rest));
    setImmediate(() => socket.resume());
  }

  /**
   * Connects and waits for the greeting; both together may take `timeoutMs`.
   *
   * @throws DeviceError when there is no server, no greeting in time (`E_RTL_TCP_SILENT`), or another kind of server.
   */
  static open(address: RtlTcpAddress, clock: Clock, timeoutMs: number): Promise<RtlTcpConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ ...address, noDelay: true });
      let timer: Timer | undefined;
      let received: Buffer = Buffer.alloc(0);
      const stop = () => {
        timer?.cancel();
        socket.removeAllListeners();
      };
      const fail = (error: unknown) => {
        stop();
        socket.on('error', () => {});
        socket.destroy();
        reject(error);
      };
      timer = clock.after(timeoutMs, () => {
        const got =
          received.length === 0 ? 'no greeting' : `only ${received.length} of ${GREETING_BYTES} bytes`;
        const where = `rtl_tcp at ${address.host}:${address.port}`;
        fail(
          new DeviceError('E_RTL_TCP_SILENT', `${where}: ${got} within ${timeoutMs / 1000} s.`, {
            hint: 'rtl_tcp serves one client at a time: end the other one, or start rtl_tcp again.',
          }),
        );
      });
      socket.on('error', (error) => fail(connectionError(KIND, address, error)));
      socket.on('close', () =>
        fail(connectionError(KIND, address, Object.assign(new Error('closed'), { code: 'ECONNRESET' }))),
      );
      socket.on('data', (bytes: Buffer) => {
        received = Buffer.concat([received, bytes]);
        try {
          const greeting = parseGreeting(received);
          if (greeting === undefined) return;
          socket.pause();
          stop();
          resolve(new RtlTcpConnection(socket, greeting, address, received.subarray(GREETING_BYTES)));
        } catch (error) {
          fail(error);
        }
      });
    });
  }

  /** Sends one command; nothing comes back, the protocol has no answers. */
  send(command: number, value: number): void {
    if (!this.closed) this.socket.write(encodeCommand(command, value));
  }

  /** Ends the connection without {@link onEnd}. */
  close(): void {
    this.closed = true;
    this.socket.destroy();
  }
}
