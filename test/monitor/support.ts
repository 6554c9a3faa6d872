import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { LiveTarget } from '../../src/monitor/live-target.js';
import { Monitor, type MonitorOptions } from '../../src/monitor/monitor.js';
import { MONITOR_PROTOCOL, type ServerMessage } from '../../src/monitor/protocol/messages.js';
import { IqFileSource } from '../../streams/sources/iq-file.js';
import { TRANSMISSION, transmission } from '../support/iq-fixture.js';
import { halving, startLive } from '../support/live-session.js';
import { SocketClient } from '../support/socket-client.js';

let recording: string;
let folder: string;
/** Closed after each test, the last one first. */
export const open: { close(): unknown }[] = [];

/** Makes a recording of a band with a tone in it, and closes after each test what it opened. To be called once in a file. */
export function useMonitors(): void {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'monitor-'));
    recording = join(folder, 'band.cu8');
    const tone = Float32Array.from(
      { length: 24_000 },
      (_, n) => 0.5 * Math.sin((2 * Math.PI * 1000 * n) / 16_000),
    );
    writeFileSync(recording, transmission(tone));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });
}

/** A monitor on what `options.target` is, until the test ends. */
export async function startMonitor(
  options: Partial<MonitorOptions> & Pick<MonitorOptions, 'target'>,
): Promise<Monitor> {
  const monitor = await Monitor.start({
    listen: { host: '127.0.0.1', port: 0 },
    program: 'denoise test',
    metrics: async () => 'up 1\n',
    ...options,
  });
  open.push({ close: () => monitor.close(200) });
  return monitor;
}

/** A paced session that goes on until it is stopped, with a monitor on it. */
export async function monitored(options: Partial<MonitorOptions> = {}) {
  const { rate: sampleRate, centreHz } = TRANSMISSION;
  const source = await IqFileSource.open(recording, { sampleRate, centreHz, pace: 'realtime', loop: true });
  const { session } = await startLive(recording, { source, realtime: true, denoiser: halving });
  open.push({ close: () => session.done.catch(() => {}) }, { close: () => session.stop() });
  const monitor = await startMonitor({ target: new LiveTarget(session), ...options });
  return { session, monitor };
}

export class Client extends SocketClient<ServerMessage> {
  constructor({ web }: Monitor, headers?: Record<string, string>, protocol = MONITOR_PROTOCOL) {
    super(`${web.url}/ws`, protocol, headers);
    open.push(this);
  }

  static async welcomed(monitor: Monitor): Promise<Client> {
    const client = new Client(monitor);
    await client.message('hello');
    client.send({ type: 'hello' });
    await client.message('welcome');
    return client;
  }
}
