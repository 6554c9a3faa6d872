import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SourceNotice } from '../../../streams/sources/chunk-source.js';
import type { IqChunk } from '../../../streams/sources/iq-chunk.js';
import { KiwiSdrSource } from '../../../streams/sources/kiwisdr.js';
import type { NetworkTunerOptions } from '../../../streams/sources/network-tuner.js';
import { ManualClock } from '../../support/manual-clock.js';
import { turns, until } from '../../support/until.js';
import { sourceConformance } from './conformance.js';

/** A KiwiSDR, written from the messages of kiwiclient: tells its rate after the log-in, notes what it is told. */
class ScriptedKiwi {
  readonly said: string[] = [];
  sockets: WebSocket[] = [];
  number = 0;
  #server: WebSocketServer | undefined;
  #port = 0;

  constructor(private readonly answers = ['MSG audio_rate=12000 x', 'MSG sample_rate=12001.135']) {}

  get port(): number {
    return this.#port;
  }

  async listen(): Promise<this> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: this.#port });
    this.#server = server;
    server.on('connection', (socket, { url }) => {
      if (!/^\/\d+\/SND$/.test(url ?? '')) socket.close();
      this.sockets.push(socket);
      socket.on('message', (data) => {
        const text = String(data);
        this.said.push(text);
        if (text.startsWith('SET auth')) for (const answer of this.answers) socket.send(Buffer.from(answer));
      });
    });
    await new Promise<void>((resolve) => server.once('listening', resolve));
    this.#port = (server.address() as AddressInfo).port;
    return this;
  }

  /** Sends 512 samples, each value its place. */
  send(flags = 0, count = 512): void {
    const body = Buffer.alloc(20 + 4 * count);
    body.write('SND', 0, 'latin1');
    body[3] = flags;
    body.writeUInt32LE(this.number++, 4);
    for (let n = 0; n < 2 * count; n++)
      if (flags & 0x80) body.writeInt16LE(n - 500, 20 + 2 * n);
      else body.writeInt16BE(n - 500, 20 + 2 * n);
    this.sockets.at(-1)!.send(body);
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.sockets = [];
    await new Promise<void>((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()));
    this.#server = undefined;
  }
}

let server: ScriptedKiwi;
let clock: ManualClock;
let source: KiwiSdrSource | undefined;
afterEach(async () => {
  source?.destroy();
  source = undefined;
  await server.stop();
});

async function open(options: Partial<NetworkTunerOptions> = {}, answers?: string[]): Promise<KiwiSdrSource> {
  server = await new ScriptedKiwi(answers).listen();
  clock = new ManualClock();
  return KiwiSdrSource.open({ host: '127.0.0.1', port: server.port, clock, ...options });
}

async function listening(options: Partial<NetworkTunerOptions> = {}) {
  source = await open(options);
  const chunks: IqChunk[] = [];
  const notices: SourceNotice[] = [];
  source.on('data', (chunk: IqChunk) => chunks.push(chunk));
  source.on('notice', (notice: SourceNotice) => notices.push(notice));
  return { source, chunks, notices };
}

sourceConformance({
  name: 'KiwiSDR client',
  wanted: 20_000,
  open: () => open(),
  feed: () => server.sockets.at(-1)?.bufferedAmount === 0 && server.send(),
  cleanUp: () => server.stop(),
});

describe('KiwiSDR client', () => {
  it('logs in, asks for IQ at the frequency, and stays alive', async () => {
    const { source } = await listening({ centreHz: 7_123_400, gain: 60, stallTimeoutMs: 60_000 });
    expect(source.sampleRate).toBe(12_001);
    await until(() => server.said.includes('SET keepalive'));
    expect(server.said).toEqual([
      'SET auth t=kiwi p=',
      'SET AR OK in=12000 out=44100',
      'SET squelch=0 max=0',
      'SET genattn=0',
      'SET gen=0 mix=-1',
      'SET compression=0',
      'SET ident_user=denoise',
      'SET agc=0 hang=0 thresh=-100 slope=6 decay=1000 manGain=60',
      'SET mod=iq low_cut=-5400 high_cut=5400 freq=7123.400',
      'SET keepalive',
    ]);
    await source.setCentre(14.2e6);
    await until(() => server.said.at(-1) === 'SET mod=iq low_cut=-5400 high_cut=5400 freq=14200.000');
    server.said.length = 0;
    clock.advance(5_000);
    await until(() => server.said.includes('SET keepalive'));
  });

  it.each([0, 0x80])(
    'gives samples in either order of bytes (flags %d), and counts lost messages',
    async (flags) => {
      const { source, chunks } = await listening();
      server.send(flags);
      server.number += 2;
      server.send(flags);
      await until(() => chunks.length === 2);
      expect([...chunks[0].samples.subarray(0, 3)]).toEqual([-500, -499, -498]);
      expect(chunks[1].discontinuity?.lostSamples).toBe(1024n);
      expect(source.stats.lostSamples).toBe(1024n);
    },
  );

  it.each([
    ['MSG too_busy=4', 'no free receiver'],
    ['MSG badp=1', 'password'],
    ['MSG down', 'switched off'],
    ['MSG sample_rate=1e9', 'impossible rate'],
  ])('says why it cannot listen: %s', async (answer, why) => {
    await expect(open({}, [answer])).rejects.toMatchObject({
      code: 'E_KIWISDR',
      message: expect.stringContaining(why),
    });
  });

  it('gives up on a server that says nothing, or only half of what it should', async () => {
    const opening = open({}, ['MSG audio_rate=12000']);
    const refused = expect(opening).rejects.toMatchObject({ code: 'E_KIWISDR' });
    await until(() => server?.said.length === 2);
    clock.advance(10_000);
    await refused;
  });

  it('gets through a restart, silence and a message that is too long', async () => {
    const { source, chunks, notices } = await listening({ centreHz: 7_123_400 });
    server.sockets[0].send(Buffer.alloc(2 ** 19));
    await until(() => notices.length === 1);
    clock.advance(250);
    await until(() => source.stats.state === 'running');
    clock.advance(3_000);
    await until(() =>
      notices.some((notice) => notice.kind === 'retry' && notice.error.code === 'E_SOURCE_STALLED'),
    );
    await server.stop();
    clock.advance(500);
    await until(() => source.stats.state === 'retrying');
    await turns();
    await server.listen();
    server.said.length = 0;
    await until(() => {
      clock.advance(1_000);
      return source.stats.state === 'running';
    });
    await until(() => server.said.includes('SET mod=iq low_cut=-5400 high_cut=5400 freq=7123.400'));
    server.send();
    await until(() => chunks.length > 0);
  });
});
