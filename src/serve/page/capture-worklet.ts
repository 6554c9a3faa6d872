/** Cuts the audio of the microphone into pieces of 20 ms, in the audio thread. */

declare const sampleRate: number;
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

class Capture extends AudioWorkletProcessor {
  #piece = new Float32Array(0.02 * sampleRate);
  #filled = 0;

  process([[samples]]: Float32Array[][]): boolean {
    // A microphone that was unplugged gives no channel.
    if (samples === undefined) return true;
    let taken = 0;
    while (taken < samples.length) {
      const part = samples.subarray(taken, taken + this.#piece.length - this.#filled);
      this.#piece.set(part, this.#filled);
      this.#filled += part.length;
      taken += part.length;
      if (this.#filled < this.#piece.length) break;
      this.port.postMessage(this.#piece, [this.#piece.buffer as ArrayBuffer]);
      this.#piece = new Float32Array(0.02 * sampleRate);
      this.#filled = 0;
    }
    return true;
  }
}

registerProcessor('denoise-capture', Capture);
