import { element } from '../../web/page/dom.js';
import { type SpectrumLine, toDb } from '../protocol/spectrum-codec.js';
import { Chart, type Series } from './chart.js';
import { LevelRange } from './level-range.js';
import { Waterfall } from './waterfall.js';

/** Share of a new line in the spectra that are drawn: means of the last half second. */
const SMOOTHING = 0.1;
/** Spectra are drawn with one line in so many. */
const DRAWN = 4;

/** Sound before and after the denoiser: two spectrograms in the same colours, and both spectra in one chart. */
export class SoundView {
  // The colours follow the sound before: noise that is gone is dark.
  readonly #range = new LevelRange();
  readonly #before = new Waterfall(element('before', HTMLCanvasElement), 'left', this.#range);
  readonly #after = new Waterfall(element('after', HTMLCanvasElement), 'left', this.#range);
  readonly #chart = new Chart(
    element('spectrum', HTMLCanvasElement),
    { format: (hz) => String(hz / 1000), label: 'kHz' },
    { from: -120, to: 0 },
  );
  readonly #series: { before?: Series & { y: number[] }; after?: Series & { y: number[] } } = {};
  #lines = 0;

  before(line: SpectrumLine): void {
    this.#range.follow(line.values);
    this.#before.add(line);
    this.#follow('before', line);
  }

  after(line: SpectrumLine): void {
    this.#after.add(line);
    this.#follow('after', line);
  }

  #follow(which: 'before' | 'after', { values, firstHz, stepHz }: SpectrumLine): void {
    const old = this.#series[which];
    if (old?.y.length !== values.length || old.x[1] !== firstHz + stepHz) {
      const x = Array.from(values, (_, n) => firstHz + n * stepHz);
      this.#series[which] = { label: which, x, y: Array.from(values, toDb), colour: `--${which}` };
      const top = (firstHz + stepHz * values.length) / 1000;
      const frame = (which === 'before' ? this.#before : this.#after).canvas.parentElement!;
      frame.dataset.top = `${Math.round(top)} kHz`;
    } else
      values.forEach((step, n) => {
        old.y[n] += SMOOTHING * (toDb(step) - old.y[n]);
      });
    if (this.#lines++ % DRAWN !== 0) return;
    const { before, after } = this.#series;
    this.#chart.show([before, after].filter((one) => one !== undefined));
  }
}
