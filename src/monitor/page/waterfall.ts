import type { SpectrumLine } from '../protocol/spectrum-codec.js';
import { COLOURS } from './colours.js';
import type { LevelRange } from './level-range.js';

/** Which way time runs: lines fall from the top (a band), or columns come from the right (a spectrogram). */
export type Direction = 'down' | 'left';

/** Lines that are shown. */
const LENGTH = { down: 200, left: 400 } as const;

/** A canvas that scrolls by one line per spectrum. */
export class Waterfall {
  readonly #context: CanvasRenderingContext2D;

  /** @param range which level is dark, and which bright; several waterfalls may share one, to be compared */
  constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly direction: Direction,
    private readonly range: LevelRange,
  ) {
    this.#context = canvas.getContext('2d', { alpha: false })!;
  }

  add({ values }: SpectrumLine): void {
    const { canvas, direction } = this;
    const across = direction === 'down' ? values.length : LENGTH.left;
    const along = direction === 'down' ? LENGTH.down : values.length;
    if (canvas.width !== across || canvas.height !== along) {
      canvas.width = across;
      canvas.height = along;
    }
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

  #colour(values: Uint8Array): ImageData {
    const isDown = this.direction === 'down';
    const image = new ImageData(isDown ? values.length : 1, isDown ? 1 : values.length);
    const words = new Uint32Array(image.data.buffer);
    const { floor, top } = this.range;
    const scale = 255 / (top - floor);
    for (let n = 0; n < values.length; n++) {
      const level = Math.max(0, Math.min(255, Math.round((values[n] - floor) * scale)));
      // Low frequencies are at the bottom.
      words[isDown ? n : values.length - 1 - n] = COLOURS[level];
    }
    return image;
  }
}
