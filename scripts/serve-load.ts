/**
 * Many clients of `denoise serve` in one process, which sends live audio and measures how long it takes to come back.
 * Arguments: URL, streams, seconds of warming up, seconds measured. Prints one JSON document.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { Random } from '../src/random.js';
import { SERVE_PATH, SERVE_PROTOCOL, type ServeMessage } from '../src/serve/messages.js';
import { decodeAudioFrame, encodeAudioFrame, packSamples } from '../src/web/audio-frame.js';

const RATE = 16_000;
/** Samples of a message: 20 ms, the usual packet of telephony. */
const PACKET = 320;
/** How often it is looked which packets are due, milliseconds. */
const TICK_MS = 2;
/** Packets of noise that are made once. */
const KINDS = 50;

/** What came of a run. */
export interface LoadFigures {
  /** From the sending of a packet to the arrival of the samples that it completed, ms, sorted. */
  delaysMs: number[];
  /** Samples that came back in the time that was measured, of those that were sent in it. */
  returned: number;
  /** Processor seconds of the server, and of this process, per second measured. */
  serverCores: number;
  loadCores: number;
}

class LoadStream {
  readonly #socket: WebSocket;
  readonly #sentAt: number[] = [];
  readonly delaysMs: number[] = [];
  #latency = 0;
  #packets = 0;
  received = 0;
  isMeasured = false;

  constructor(url: string) {
    this.#socket = new WebSocket(url, SERVE_PROTOCOL, {
      // No server looks at the mask: zeros save this process the work.
      generateMask: (mask) => void mask.fill(0),
    });
  }

  /** Settles when audio may be sent. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.on('error', reject);
      this.#socket.on('close', (code) => reject(new Error(`The server closed a stream (${code}).`)));
      this.#socket.on('message', (data: Buffer, isBinary) => {
        if (isBinary) {
          this.#receive(data);
          return;
        }
        const message = JSON.parse(String(data)) as ServeMessage;
        if (message.type === 'hello')
          this.#socket.send(JSON.stringify({ type: 'start', sampleRate: RATE, channels: 1, codec: 's16' }));
        if (message.type === 'started') {
          this.#latency = message.latencySamples;
          resolve();
        }
      });
    });
  }

  send(payloads: readonly Uint8Array[]): void {
    const number = this.#packets++;
    this.#sentAt[number] = performance.now();
    const format = { codec: 's16', sampleRate: RATE, channels: 1, squelchShut: false } as const;
    this.#socket.send(
      encodeAudioFrame({
        ...format,
        place: 0,
        sequence: number,
        firstSample: number * PACKET,
        discontinuity: false,
        payload: payloads[number % payloads.length],
      }),
    );
  }

  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.terminate();
  }

  #receive(data: Buffer): void {
    const { firstSample, payload } = decodeAudioFrame(data);
    if (!this.isMeasured) return;
    const end = firstSample + payload.length / 2;
    this.received += payload.length / 2;
    const sentAt = this.#sentAt[Math.ceil((end + this.#latency) / PACKET) - 1];
    this.delaysMs.push(performance.now() - sentAt);
  }
}

async function serverSeconds(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_cpu_seconds_total ([\d.e+-]+)/m.exec(text)?.[1]);
}

async function measure(url: string, count: number, warmUp: number, seconds: number): Promise<LoadFigures> {
  const random = new Random(1);
  const noise = () => Float32Array.from({ length: PACKET }, () => 0.05 * random.normal());
  const payloads = Array.from({ length: KINDS }, () => packSamples([noise()], 's16'));
  const address = `${url.replace('http', 'ws')}${SERVE_PATH}`;
  const streams: LoadStream[] = [];
  for (let n = 0; n < count; n++) {
    streams.push(new LoadStream(address));
    await streams[n].start();
  }
  // Streams do not send at one moment: each has a phase of its own.
  const packetMs = (1000 * PACKET) / RATE;
  const began = performance.now();
  const due = streams.map(() => began + random.uniform(0, packetMs));
  const timer = setInterval(() => {
    const now = performance.now();
    streams.forEach((stream, n) => {
      for (; due[n] <= now; due[n] += packetMs) stream.send(payloads);
    });
  }, TICK_MS);
  await sleep(1000 * warmUp);
  for (const stream of streams) stream.isMeasured = true;
  const before = await serverSeconds(url);
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  await sleep(1000 * seconds);
  const elapsed = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const serverCores = ((await serverSeconds(url)) - before) / elapsed;
  clearInterval(timer);
  for (const stream of streams) stream.close();
  const received = streams.reduce((sum, stream) => sum + stream.received, 0);
  return {
    delaysMs: streams.flatMap(({ delaysMs }) => delaysMs).sort((a, b) => a - b),
    returned: received / (count * RATE * elapsed),
    serverCores,
    loadCores: (user + system) / 1e6 / elapsed,
  };
}

const [url, count, warmUp, seconds] = process.argv.slice(2);
const { delaysMs, ...rest } = await measure(url, Number(count), Number(warmUp), Number(seconds));
const at = (p: number) => delaysMs[Math.min(delaysMs.length - 1, Math.floor(p * delaysMs.length))];
console.log(JSON.stringify({ p50: at(0.5), p99: at(0.99), ...rest }));
