import { afterEach } from 'vitest';
import type { SourceNotice } from '../../streams/sources/chunk-source.js';
import type { IqChunk } from '../../streams/sources/iq-chunk.js';
import { type RtlTcpOptions, RtlTcpSource } from '../../streams/sources/rtl-tcp.js';
import { ManualClock } from './manual-clock.js';
import { ScriptedRtlTcp } from './rtl-tcp-server.js';

/** Complex samples per second, Hz. */
export const RATE = 250_000;

/** A scripted server and a client of it, with a clock that stands still; both are gone after each test. */
export class RtlTcpBench {
  server!: ScriptedRtlTcp;
  clock!: ManualClock;
  source: RtlTcpSource | undefined;

  constructor() {
    afterEach(async () => {
      this.source?.destroy();
      this.source = undefined;
      await this.server?.stop();
    });
  }

  async listen(greeting?: Buffer): Promise<void> {
    this.server = await ScriptedRtlTcp.listen(greeting);
    this.clock = new ManualClock();
  }

  open(options: Partial<RtlTcpOptions> = {}): Promise<RtlTcpSource> {
    const { clock } = this;
    const { port } = this.server;
    return RtlTcpSource.open({ host: '127.0.0.1', port, sampleRate: RATE, clock, ...options });
  }

  /** Opens the source and collects what it says. */
  async listening(options: Partial<RtlTcpOptions> = {}) {
    const source = await this.open(options);
    this.source = source;
    const chunks: IqChunk[] = [];
    const notices: SourceNotice[] = [];
    source.on('data', (chunk: IqChunk) => chunks.push(chunk));
    source.on('notice', (notice: SourceNotice) => notices.push(notice));
    const received = () => chunks.reduce((sum, chunk) => sum + chunk.samples.length / 2, 0);
    return { source, chunks, notices, received };
  }
}
