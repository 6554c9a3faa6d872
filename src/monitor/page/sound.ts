import type { AudioCodec } from '../../web/audio-frame.js';
import { Player } from '../../web/page/player.js';
import type { FromSoundWorker, ToSoundWorker } from './sound-worker.js';

type Tap = (stream: 0 | 1, firstSample: number, samples: Float32Array, sampleRate: number) => void;

/** Sound of the session on this machine's sound card, through a connection of its own. */
export class Sound {
  readonly player = new Player();
  #worker: Worker | undefined;
  #tap: Tap | undefined;

  /** @param onProblem told in words of what is missing, and why */
  constructor(
    private readonly url: string,
    private readonly onProblem: (text: string) => void,
  ) {}

  get isOn(): boolean {
    return this.#worker !== undefined;
  }

  /** Called with what was decoded and goes to the sound card; for measurements and tests. */
  set onSamples(tap: Tap | undefined) {
    this.#tap = tap;
    this.#tell({ kind: 'tap', on: tap !== undefined });
  }

  /** To be called for a click or a key, or browsers keep it silent. */
  async start(token: string | undefined, codec: AudioCodec, volume: number): Promise<void> {
    this.#worker?.terminate();
    const worker = new Worker('sound-worker.js', { type: 'module' });
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromSoundWorker>) => {
      if (data.kind === 'problem') this.onProblem(data.text);
      else this.#tap?.(data.stream, data.firstSample, data.samples, data.sampleRate);
    };
    await this.player.start(volume);
    // Stopped, or started anew, meanwhile.
    if (this.#worker !== worker) return;
    const port = this.player.openPort();
    worker.postMessage({ kind: 'open', url: this.url, token, codec, port } satisfies ToSoundWorker, [port]);
    this.#tell({ kind: 'tap', on: this.#tap !== undefined });
  }

  async stop(): Promise<void> {
    this.#worker?.terminate();
    this.#worker = undefined;
    await this.player.stop();
  }

  #tell(message: ToSoundWorker): void {
    this.#worker?.postMessage(message);
  }
}
