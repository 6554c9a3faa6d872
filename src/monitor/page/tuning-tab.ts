import { element, make } from '../../web/page/dom.js';
import type { LineView, TuningView } from '../protocol/views.js';
import { Chart, type Series } from './chart.js';
import { shortNumber } from './ticks.js';

/** Trials in the table. */
const MOST_ROWS = 50;

/** A study: its trials, their losses, where they stopped, and which hyperparameters decide. */
export class TuningTab {
  readonly #history = new Chart(element('history', HTMLCanvasElement), { label: 'trial' });
  readonly #curves = new Chart(element('curves', HTMLCanvasElement), { label: 'step' });

  show(view: TuningView): void {
    const { name, metric, direction, counts, history, curves } = view;
    const states = Object.entries(counts).map(([state, count]) => `${count} ${state}`);
    element('study-name', HTMLElement).textContent = name;
    element('study-counts', HTMLElement).textContent =
      `${states.join(', ') || 'no trials yet'} · ${direction} ${metric}`;
    const [values, best] = history;
    this.#history.show([
      { ...values, colour: '--before', dots: true },
      { ...best, colour: '--after' },
    ]);
    this.#curves.show(curves.map((line, n) => curve(line, n === curves.length - 1)));
    this.#showImportance(view);
    this.#showRungs(view);
    this.#showTrials(view);
  }

  #showImportance({ importance }: TuningView): void {
    const most = Math.max(...importance.map(({ share }) => share ?? 0), 1e-9);
    element('importance', HTMLElement).replaceChildren(
      ...(importance.every(({ share }) => share === null)
        ? [make('p', { className: 'note' }, 'Too few trials to tell.')]
        : importance.map(({ name, share }) => {
            const bar = make('div');
            bar.style.width = `${(100 * (share ?? 0)) / most}%`;
            return make(
              'div',
              { className: 'bar' },
              make('span', {}, name),
              bar,
              make('span', { className: 'number' }, `${Math.round(100 * (share ?? 0))} %`),
            );
          })),
    );
  }

  #showRungs({ rungs }: TuningView): void {
    const head = row('th', [
      ['Step', true],
      ['Reached', true],
      ['Went on', true],
    ]);
    const none = make('caption', { className: 'note' }, 'No trial was stopped on the way.');
    element('rungs', HTMLTableElement).replaceChildren(
      ...(rungs.length === 0
        ? [none]
        : [
            head,
            ...rungs.map(({ step, reached, further }) =>
              row('td', [
                [step, true],
                [reached, true],
                [further, true],
              ]),
            ),
          ]),
    );
  }

  #showTrials({ trials, metric }: TuningView): void {
    const names = [...new Set(trials.flatMap(({ params }) => Object.keys(params)))];
    const head = row('th', [
      ['Trial', true],
      ['State', false],
      [metric, true],
      ['Step', true],
      ...names.map((name) => [name, true] as const),
    ]);
    const rows = trials
      .slice(0, MOST_ROWS)
      .map(({ number, state, value, step, params }) =>
        row('td', [
          [number, true],
          [state, false],
          [value === null ? '–' : value.toPrecision(5), true],
          [step ?? '–', true],
          ...names.map((name) => [paramText(params[name]), true] as const),
        ]),
      );
    element('trials', HTMLTableElement).replaceChildren(head, ...rows);
  }
}

const paramText = (value: string | number | boolean | undefined): string =>
  value === undefined ? '' : typeof value === 'number' ? shortNumber(value) : String(value);

const curve = (line: LineView, isBest: boolean): Series => ({
  ...{ x: line.x, y: line.y },
  ...(isBest ? { colour: '--after', label: `best: ${line.label}` } : { colour: '--line' }),
});

/** Cells with what is in them, and whether it is a number. */
function row(kind: 'td' | 'th', cells: readonly (readonly [string | number, boolean])[]): HTMLElement {
  return make(
    'tr',
    {},
    ...cells.map(([text, isNumber]) => make(kind, { className: isNumber ? 'number' : '' }, String(text))),
  );
}
