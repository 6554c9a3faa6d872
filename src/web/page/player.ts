import type { PlayerMessage, PlayerReport } from './player-worklet.js';

/** The quieter stream is brought up by this at most, so that silence is not. */
const MOST_GAIN = 8;

/** Plays sound before and after the denoiser on this machine's sound card, one of them at a time, from the same moment on. */
export class Player {
  report: PlayerReport | undefined;
  /** Called with what was decoded, before it is played. */
  onSamples:
    | ((stream: 0 | 1, firstSample: number, samples: Float32Array, sampleRate: number) => void)
    | undefined;
  #context: AudioContext | undefined;
  #node: AudioWorkletNode | undefined;
  #volume: GainNode | undefined;
  #heard: 0 | 1 = 1;
  #gains: [number, number] = [1, 1];

  get isPlaying(): boolean {
    return this.#context?.state === 'running';
  }

  /** Delay from the arrival of a sample to the sound card, seconds; `undefined` while nothing plays. */
  get delaySeconds(): number | undefined {
    if (!this.isPlaying || this.report === undefined) return undefined;
    return this.report.waitingSeconds + (this.#context!.outputLatency || this.#context!.baseLatency);
  }

  /** Starts; to be called for a click or a key, or browsers keep it silent. */
  async start(volume: number): Promise<void> {
    this.#context ??= new AudioContext({ latencyHint: 'interactive' });
    if (this.#node === undefined) {
      await this.#context.audioWorklet.addModule('player-worklet.js');
      this.#node = new AudioWorkletNode(this.#context, 'denoise-player', {
        numberOfInputs: 0,
        outputChannelCount: [1],
      });
      this.#node.port.onmessage = ({ data }: MessageEvent<PlayerReport>) => {
        this.report = data;
      };
      this.#volume = new GainNode(this.#context);
      this.#node.connect(this.#volume).connect(this.#context.destination);
    }
    this.volume = volume;
    await this.#context.resume();
    this.#tell();
  }

  async stop(): Promise<void> {
    await this.#context?.suspend();
  }

  set volume(value: number) {
    if (this.#volume !== undefined) this.#volume.gain.value = value;
  }

  /** Hears the audio before the denoiser (0) or after it (1), from the same moment on. */
  hear(stream: 0 | 1): void {
    this.#heard = stream;
    this.#tell();
  }

  /** Makes both equally loud: a louder one always seems the better. RMS of each, dBFS. */
  balance(beforeDb: number, afterDb: number): void {
    const up = Math.min(MOST_GAIN, 10 ** ((beforeDb - afterDb) / 20));
    // The louder one is turned down halfway, the other one up.
    const gains: [number, number] = [1 / Math.sqrt(up), Math.sqrt(up)];
    this.#gains = this.#gains.map((gain, n) => gain + 0.1 * (gains[n] - gain)) as [number, number];
    this.#tell();
  }

  /** A port for a worker to send samples through, past the thread of the page. Only after {@link start}. */
  openPort(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#node!.port.postMessage({ kind: 'port', port: port1 } satisfies PlayerMessage, [port1]);
    return port2;
  }

  /** @param channels `[channels][time]`, of which the mean is played */
  play(stream: 0 | 1, firstSample: number, sampleRate: number, channels: readonly Float32Array[]): void {
    const samples = channels.length === 1 ? channels[0] : meanOf(channels);
    this.onSamples?.(stream, firstSample, samples, sampleRate);
    const message: PlayerMessage = { kind: 'samples', stream, firstSample, sampleRate, samples };
    this.#node?.port.postMessage(message);
  }

  #tell(): void {
    this.#node?.port.postMessage({
      kind: 'listen',
      heard: this.#heard,
      gains: this.#gains,
    } satisfies PlayerMessage);
  }
}

function meanOf(channels: readonly Float32Array[]): Float32Array {
  return Float32Array.from(
    channels[0],
    (_, n) => channels.reduce((sum, x) => sum + x[n], 0) / channels.length,
  );
}
