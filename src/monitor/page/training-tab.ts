import { element, make } from '../../web/page/dom.js';
import type { TrainingView } from '../protocol/views.js';
import { Chart, type Series } from './chart.js';

/** Findings that are something to worry about. */
const WORSE = new Set(['critical', 'serious']);

/** A training run: its losses, its learning rate, and what its doctor says. */
export class TrainingTab {
  #losses: Chart | undefined;
  readonly #rates = new Chart(element('rates', HTMLCanvasElement), { label: 'epoch' }, { log: true });
  readonly #norms = new Chart(element('norms', HTMLCanvasElement), { label: 'epoch' }, { from: 0 });

  show(view: TrainingView): void {
    const { name, status, step, totalSteps, parameters, device, epochs, bestEpoch, findings } = view;
    element('run-name', HTMLElement).textContent = name;
    const weights = parameters === null ? '' : ` · ${parameters.toLocaleString()} weights`;
    const best = bestEpoch === null ? '' : ` · best epoch ${bestEpoch}`;
    const total = totalSteps === null ? '' : ` of ${totalSteps}`;
    element('run-status', HTMLElement).textContent =
      `${status} · step ${step}${total}${weights} on ${device}${best}`;
    const progress = element('run-progress', HTMLProgressElement);
    progress.hidden = totalSteps === null;
    progress.value = totalSteps === null ? 0 : step / totalSteps;
    this.#showLosses(view);
    const x = epochs.map(({ epoch }) => epoch);
    this.#rates.show([{ x, y: epochs.map(({ learningRate }) => learningRate), colour: '--accent' }]);
    this.#norms.show([{ x, y: epochs.map(({ gradientNorm }) => gradientNorm), colour: '--accent' }]);
    element('findings', HTMLElement).replaceChildren(
      ...(findings.length === 0
        ? [make('li', { className: 'note' }, 'Nothing yet.')]
        : findings.map(({ severity, what, remedy }) =>
            make(
              'li',
              {},
              make(
                'strong',
                { className: WORSE.has(severity) ? 'bad' : severity === 'good' ? 'good' : '' },
                severity,
              ),
              ` ${what} ${remedy}`,
            ),
          )),
    );
  }

  #showLosses({ epochs, steps }: TrainingView): void {
    const bySteps = epochs.length < 2 && steps.length > 1;
    this.#losses ??= new Chart(element('losses', HTMLCanvasElement), { label: bySteps ? 'step' : 'epoch' });
    const x = epochs.map(({ epoch }) => epoch);
    const series: Series[] = bySteps
      ? [
          {
            label: 'training',
            x: steps.map(({ step }) => step),
            y: steps.map(({ train }) => train),
            colour: '--before',
          },
        ]
      : [
          { label: 'training', x, y: epochs.map(({ train }) => train), colour: '--before' },
          { label: 'validation', x, y: epochs.map(({ validation }) => validation), colour: '--after' },
        ];
    this.#losses.show(series);
  }
}
