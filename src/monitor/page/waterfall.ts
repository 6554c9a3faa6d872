import type { SpectrumLine } from '../protocol/spectrum-codec.js';
import { COLOURS } from './colours.js';

/** Which way time runs: lines fall from the top (a band), or columns come from the right (a spectrogram). */
export type Direction = 'down' | 'left';

/** How fast the darkest and the brightest level follow what is there, share per line. */
const FOLLOW = 0.05;
/** Between them at least, in steps of half a decibel: 30 dB. */
const LEAST_RANGE = 60;

/** A canvas that scrolls by one line per spectrum. The noise floor is dark, whatever its level. */
export class Waterfall {
  /** Frequency at the left or lower edge, and per bin, of the last line, Hz. */
  firstHz = 0;
  stepHz = 0;
  bins = 0;
  readonly #context: CanvasRenderingContext2D;
  #floor = Number.NaN;
  #top = Number.NaN;

  constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly direction: Direction,
  ) {
    this.#context = canvas.getContext('2d', { alpha: false, willReadFrequently: false })!;
  }

  add({ values, firstHz, stepHz }: SpectrumLine): void {
    const { canvas, direction } = this;
    const across = direction === 'down' ? values.length : 400;
    const along = direction === 'down' ? 200 : values.length;
    if (canvas.width !== across || canvas.height !== along) {
      canvas.width = across;
      canvas.height = along;
    }
    this.firstHz = firstHz;
    this.stepHz = stepHz;
    this.bins = values.length;
    this.#followLevels(values);
    const line = this.#colour(values);
    const context = this.#context;
    if (direction === 'down') {
      context.drawImage(canvas, 0, 0, across, along - 1, 0, 1, across, along - 1);
      context.putImageData(line, 0, 0);
    } else {
      context.drawImage(canvas, 1, 0, across - 1, along, 0, 0, across - 1, along);
      context.putImageData(line, across - 1, 0);
    }
  }

  #followLevels(values: Uint8Array): void {
    const sorted = values.slice().sort();
    const floor = sorted[Math.floor(sorted.length * 0.2)];
    const top = Math.max(sorted[sorted.length - 1], floor + LEAST_RANGE);
    this.#floor = Number.isNaN(this.#floor) ? floor : this.#floor + FOLLOW * (floor - this.#floor);
    this.#top = Number.isNaN(this.#top)
      ? top
      : this.#top + (top > this.#top ? 0.3 : FOLLOW) * (top - this.#top);
  }

  #colour(values: Uint8Array): ImageData {
    const isDown = this.direction === 'down';
    const image = new ImageData(isDown ? values.length : 1, isDown ? 1 : values.length);
    const words = new Uint32Array(image.data.buffer);
    const scale = 255 / (this.#top - this.#floor);
    for (let n = 0; n < values.length; n++) {
      const level = Math.max(0, Math.min(255, Math.round((values[n] - this.#floor) * scale)));
      // Low frequencies are at the bottom.
      words[isDown ? n : values.length - 1 - n] = COLOURS[level];
    }
    return image;
  }
}
