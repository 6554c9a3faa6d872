/** Plays in the audio thread, which a busy page does not stall. */
import { JitterRing } from './jitter-ring.js';

declare const sampleRate: number;
declare const currentTime: number;
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

/** From the page. */
export type PlayerMessage =
  | { kind: 'samples'; stream: 0 | 1; firstSample: number; sampleRate: number; samples: Float32Array }
  | { kind: 'listen'; heard: 0 | 1; gains: [number, number] }
  /** Another port that samples come through: that of a worker. */
  | { kind: 'port'; port: MessagePort };

/** To the page, four times a second. */
export interface PlayerReport {
  waitingSeconds: number;
  underruns: number;
  skippedSamples: number;
}

class Player extends AudioWorkletProcessor {
  #ring: JitterRing | undefined;
  #heard: 0 | 1 = 1;
  #gains: [number, number] = [1, 1];
  #untilReport = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<PlayerMessage>) => this.#receive(data);
  }

  #receive(message: PlayerMessage): void {
    if (message.kind === 'port') {
      message.port.onmessage = ({ data }: MessageEvent<PlayerMessage>) => this.#receive(data);
      return;
    }
    if (message.kind === 'listen') {
      this.#heard = message.heard;
      this.#gains = message.gains;
    } else {
      if (this.#ring?.sampleRate !== message.sampleRate)
        this.#ring = new JitterRing(message.sampleRate, sampleRate);
      this.#ring.write(message.stream, message.firstSample, message.samples, currentTime);
    }
    if (this.#ring !== undefined) Object.assign(this.#ring, { heard: this.#heard, gains: this.#gains });
  }

  process(_inputs: Float32Array[][], [[out]]: Float32Array[][]): boolean {
    this.#ring?.read(out);
    this.#untilReport -= out.length;
    if (this.#ring !== undefined && this.#untilReport <= 0) {
      this.#untilReport = sampleRate / 4;
      const { waitingSeconds, underruns, skippedSamples } = this.#ring;
      this.port.postMessage({ waitingSeconds, underruns, skippedSamples } satisfies PlayerReport);
    }
    return true;
  }
}

registerProcessor('denoise-player', Player);
