import { pino } from 'pino';
import { afterEach } from 'vitest';
import { Model } from '../../src/engine/model.js';
import { DenoiseClient, type DenoiseClientOptions } from '../../src/serve/client/denoise-client.js';
import { SERVE_PATH, SERVE_PROTOCOL, type ServeMessage } from '../../src/serve/messages.js';
import { Serve, type ServeOptions } from '../../src/serve/serve.js';
import { encodeAudioFrame, packSamples } from '../../src/web/audio-frame.js';
import { SocketClient } from '../support/socket-client.js';
import { roughCheckpoint } from '../support/tiny-model.js';
import { until } from '../support/until.js';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** A server with a small model, on a port of its own, until the test ends. */
export async function startServe(options: Partial<ServeOptions> = {}): Promise<Serve> {
  const serve = await Serve.start({
    listen: { host: '127.0.0.1', port: 0 },
    model: await Model.fromBytes(roughCheckpoint(), { workers: 0 }),
    log: pino({ level: 'silent' }),
    program: 'denoise test',
    ...options,
  });
  open.push(serve);
  return serve;
}

/** A client that keeps what comes back: `[channels][time]`, where it belongs. */
export async function connectClient(
  { url }: Pick<Serve, 'url'>,
  options: Omit<DenoiseClientOptions, 'onAudio'>,
) {
  const parts: { firstSample: number; samples: Float32Array[]; discontinuity: boolean }[] = [];
  const client = await DenoiseClient.connect(url.replace('http', 'ws'), {
    ...options,
    onAudio: (audio) => parts.push(audio),
  });
  open.push(client);
  const channel = (c: number) => Float32Array.from(parts.flatMap(({ samples }) => [...samples[c]]));
  return { client, parts, channel };
}

/** A client that speaks the protocol by hand. */
export class RawClient extends SocketClient<ServeMessage> {
  constructor({ url }: Pick<Serve, 'url'>, headers?: Record<string, string>, protocol = SERVE_PROTOCOL) {
    super(`${url}${SERVE_PATH}`, protocol, headers);
    open.push(this);
  }

  /** Starts a stream of mono at 16 kHz. */
  async start(more: object = {}): Promise<void> {
    await this.message('hello');
    this.send({ type: 'start', sampleRate: 16_000, channels: 1, codec: 's16', ...more });
    await this.message('started');
  }

  async closeCode(): Promise<number> {
    await until(() => this.closed !== undefined);
    return this.closed!.code;
  }
}

/** A frame of mono at 16 kHz in s16. */
export function frameOf(samples: Float32Array, firstSample: number, more: object = {}): Uint8Array {
  return encodeAudioFrame({
    ...{ codec: 's16', place: 0, sequence: 0, firstSample, sampleRate: 16_000, channels: 1 },
    ...{ squelchShut: false, discontinuity: false, payload: packSamples([samples], 's16') },
    ...more,
  });
}
