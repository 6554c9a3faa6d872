import { element } from '../../web/page/dom.js';
import { type SpectrumLine, toDb } from '../protocol/spectrum-codec.js';
import { Chart } from './chart.js';
import { LevelRange } from './level-range.js';
import { Waterfall } from './waterfall.js';

/** What is tuned to, Hz. */
export interface TunedChannel {
  frequencyHz: number;
  bandwidthHz: number;
  middleHz: number;
}

/** Clicks tune to multiples of this, Hz; arrow keys by so much. */
const CLICK_STEP_HZ = 100;
const KEY_STEP_HZ = 1000;
/** Share of a new line in the spectrum that is drawn. */
const SMOOTHING = 0.3;

/** The radio band: its spectrum over its waterfall, with the channel tuned to. A click tunes. */
export class BandView {
  readonly #range = new LevelRange();
  readonly #waterfall = new Waterfall(element('band-waterfall', HTMLCanvasElement), 'down', this.#range);
  readonly #chart = new Chart(element('band-spectrum', HTMLCanvasElement), {
    format: (hz) => (hz / 1e6).toFixed(3),
    label: 'MHz',
  });
  readonly #marker = element('channel', HTMLElement);
  #channel: TunedChannel | undefined;
  #levels = new Float32Array();
  #firstHz = 0;
  #widthHz = 0;

  constructor(tune: (command: { to: number } | { by: number }) => void) {
    const { canvas } = this.#waterfall;
    const tuneTo = (hz: number) => tune({ to: Math.round(hz / CLICK_STEP_HZ) * CLICK_STEP_HZ });
    canvas.onclick = ({ offsetX }) => tuneTo(this.#firstHz + (offsetX / canvas.clientWidth) * this.#widthHz);
    canvas.onkeydown = (event) => {
      if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
      event.preventDefault();
      tune({ by: event.key === 'ArrowLeft' ? -KEY_STEP_HZ : KEY_STEP_HZ });
    };
    this.#chart.canvas.onclick = ({ offsetX }) => tuneTo(this.#chart.valueAt(offsetX));
  }

  add(line: SpectrumLine): void {
    const { values, firstHz, stepHz } = line;
    this.#range.follow(values);
    this.#waterfall.add(line);
    if (this.#levels.length !== values.length || this.#firstHz !== firstHz)
      this.#levels = Float32Array.from(values, toDb);
    this.#firstHz = firstHz;
    this.#widthHz = stepHz * values.length;
    values.forEach((step, n) => {
      this.#levels[n] += SMOOTHING * (toDb(step) - this.#levels[n]);
    });
    const x = Array.from(values, (_, n) => firstHz + n * stepHz);
    this.#chart.show([{ x, y: [...this.#levels], colour: '--accent' }], this.#edges());
    const [from, to] = [firstHz, firstHz + this.#widthHz].map((hz) => (hz / 1e6).toFixed(3));
    element('band-range', HTMLOutputElement).textContent = `${from} to ${to} MHz, dBFS`;
    this.#placeMarker();
  }

  tuned(channel: TunedChannel): void {
    this.#channel = channel;
    this.#placeMarker();
  }

  #edges(): [number, number] | undefined {
    if (this.#channel === undefined) return undefined;
    const { frequencyHz, middleHz, bandwidthHz } = this.#channel;
    const middle = frequencyHz + middleHz;
    return [middle - bandwidthHz / 2, middle + bandwidthHz / 2];
  }

  #placeMarker(): void {
    const edges = this.#edges();
    if (edges === undefined || this.#widthHz === 0) return;
    const [left, right] = edges.map((hz) => Math.max(0, Math.min(1, (hz - this.#firstHz) / this.#widthHz)));
    this.#marker.style.left = `${100 * left}%`;
    this.#marker.style.width = `${100 * (right - left)}%`;
  }
}
