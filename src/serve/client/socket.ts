import { DenoiseError } from '../../errors.js';

/** What a browser's WebSocket and that of `ws` have in common, as far as it is used here. */
export interface SocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(data: string | Uint8Array): void;
  close(code?: number): void;
}

type SocketClass = new (url: string, protocol: string) => SocketLike;

/** Begins to connect: with the WebSocket of the platform, in Node 20, which has none, with `ws`. */
export async function openSocket(url: string, protocol: string): Promise<SocketLike> {
  const own = (globalThis as { WebSocket?: unknown }).WebSocket ?? (await import('ws')).WebSocket;
  try {
    return new (own as SocketClass)(url, protocol);
  } catch (cause) {
    throw new DenoiseError('E_SERVE_ADDRESS', `${url} is no address of a server.`, {
      hint: 'Give one such as ws://127.0.0.1:8074.',
      cause,
    });
  }
}
