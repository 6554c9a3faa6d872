import type { LevelsFrame } from '../../../streams/live/listen-options.js';
import type { LiveStatus } from '../../../streams/live/live-status.js';
import { element, make, onInput } from '../../web/page/dom.js';
import type { Command } from '../protocol/messages.js';
import type { SpectrumLine } from '../protocol/spectrum-codec.js';
import { BandView } from './band-view.js';
import { Chart } from './chart.js';
import type { Sound } from './sound.js';
import { SoundView } from './sound-view.js';

/** So many seconds of delay and load are shown. */
const SECONDS = 120;

const decibel = (value: number | null): string =>
  value === null ? '–' : `${value.toFixed(1).replace('-', '−')} dB`;

/** Controls by the command that they need; without it they are not there. */
const CONTROLS: Readonly<Partial<Record<Command['name'], string>>> = {
  strength: 'denoiser',
  record: 'recorder',
  gain: 'gain-label',
};

/** The tab of a live session: what is received and heard, and the controls. */
export class LiveTab {
  readonly #band: BandView;
  readonly #sound = new SoundView();
  readonly #delay = new Chart(
    element('delay', HTMLCanvasElement),
    { from: -SECONDS, to: 0, label: 's' },
    { from: 0, label: 'ms' },
  );
  readonly #load = new Chart(
    element('load', HTMLCanvasElement),
    { from: -SECONDS, to: 0, label: 's' },
    { from: 0 },
  );
  readonly #delays: number[] = [];
  readonly #loads: number[] = [];
  /** Commands that the program has not answered yet. */
  #underWay = 0;

  /** @param execute carries a command out; rejects with what to tell */
  constructor(
    private readonly execute: (command: Command) => Promise<unknown>,
    private readonly sound: Sound,
    private readonly refuse: (text: string) => void,
  ) {
    this.#band = new BandView((where) =>
      this.#command('to' in where ? { name: 'tune', hz: where.to } : { name: 'tune-by', hz: where.by }),
    );
    onInput('strength', (value) => this.#command({ name: 'strength', value: Number(value) }));
    element('bypass', HTMLInputElement).onchange = ({ target }) =>
      this.#command({ name: 'bypass', on: (target as HTMLInputElement).checked });
    element('mode', HTMLSelectElement).onchange = ({ target }) =>
      this.#command({ name: 'mode', mode: (target as HTMLSelectElement).value });
    element('squelch', HTMLInputElement).onchange = ({ target }) =>
      this.#squelch((target as HTMLInputElement).value);
    element('gain', HTMLSelectElement).onchange = ({ target }) => {
      const { value } = target as HTMLSelectElement;
      this.#command({ name: 'gain', db: value === 'auto' ? null : Number(value) });
    };
    element('record', HTMLButtonElement).onclick = () => this.toggleRecording();
    element('tune-form', HTMLFormElement).onsubmit = (event) => {
      event.preventDefault();
      const text = element('frequency', HTMLInputElement).value.replace(',', '.');
      if (text.trim() === '' || !Number.isFinite(Number(text)))
        this.refuse(`"${text}" is no frequency in MHz.`);
      else this.#command({ name: 'tune', hz: Math.round(1e6 * Number(text)) });
    };
  }

  /** Shows the controls that there are, for those who may use them. */
  offer(commands: readonly Command['name'][]): void {
    for (const [name, id] of Object.entries(CONTROLS))
      element(id, HTMLElement).hidden = !commands.includes(name as Command['name']);
    for (const control of element('tune-form', HTMLFormElement).elements)
      (control as HTMLInputElement).disabled = !commands.includes('tune');
  }

  toggleRecording(): void {
    const button = element('record', HTMLButtonElement);
    this.#command({ name: 'record', on: button.ariaPressed !== 'true' });
  }

  spectrum(line: SpectrumLine): void {
    if (line.place === 'iq') this.#band.add(line);
    else if (line.place === 'received') this.#sound.before(line);
    else this.#sound.after(line);
  }

  levels({ input, output, squelchOpen, snrDb }: LevelsFrame): void {
    const show = (name: string, value: number | null, least: number) => {
      element(`meter-${name}`, HTMLMeterElement).value = value ?? least;
      element(`text-${name}`, HTMLOutputElement).textContent = decibel(value);
    };
    show('before', input.rmsDb, -80);
    show('after', output.rmsDb, -80);
    const isBoth = input.rmsDb !== null && output.rmsDb !== null;
    show('removed', isBoth ? Math.max(0, input.rmsDb! - output.rmsDb!) : null, 0);
    if (isBoth) this.sound.player.balance(input.rmsDb!, output.rmsDb!);
    if (squelchOpen === undefined) return;
    const signal = snrDb === undefined ? '' : `, signal over noise ${snrDb.toFixed(0).replace('-', '−')} dB`;
    element('signal', HTMLElement).textContent = `Squelch ${squelchOpen ? 'open' : 'shut'}${signal}`;
  }

  status({ radio, denoiser, latency }: LiveStatus, recording: string | null): void {
    element('tune-form', HTMLFormElement).hidden = radio === null;
    element('band', HTMLElement).hidden = radio === null;
    if (radio !== null) this.#showRadio(radio);
    const record = element('record', HTMLButtonElement);
    record.ariaPressed = String(recording !== null);
    record.textContent = recording === null ? 'Record' : 'Stop recording';
    element('recording', HTMLOutputElement).textContent = recording ?? '';
    if (denoiser !== null) {
      this.#fill('strength', String(denoiser.strength));
      if (this.#underWay === 0) element('bypass', HTMLInputElement).checked = denoiser.bypass;
      show(this.#load, this.#loads, 100 * denoiser.load);
      element('load-now', HTMLOutputElement).textContent =
        `${(100 * denoiser.load).toFixed(1)} % of real time`;
    }
    const inBrowser = this.sound.player.delaySeconds;
    const total = (latency?.totalMs ?? 0) + 1000 * (inBrowser ?? 0);
    show(this.#delay, this.#delays, total);
    element('delay-now', HTMLOutputElement).textContent = `${Math.round(total)} ms`;
    element('player-delay', HTMLOutputElement).textContent =
      inBrowser === undefined ? '' : `${Math.round(1000 * inBrowser)} ms in the browser`;
  }

  #showRadio(radio: NonNullable<LiveStatus['radio']>): void {
    this.#band.tuned(radio);
    this.#fill('frequency', (radio.frequencyHz / 1e6).toFixed(4));
    this.#fill('mode', radio.mode);
    this.#fill('squelch', radio.squelchDb === null ? '' : String(radio.squelchDb));
    const gain = element('gain', HTMLSelectElement);
    if (gain.length === radio.gainsDb.length + 1) return;
    gain.replaceChildren(
      make('option', { value: 'auto' }, 'automatic'),
      ...radio.gainsDb.map((db) => make('option', { value: String(db) }, String(db))),
    );
  }

  #squelch(text: string): void {
    const value = text.trim().replace('−', '-');
    if (value === '' || value === 'off') this.#command({ name: 'squelch', thresholdDb: null });
    else if (Number.isFinite(Number(value))) this.#command({ name: 'squelch', thresholdDb: Number(value) });
    else this.refuse(`"${text}" is no squelch: give dB, or nothing.`);
  }

  /** Shows a value unless somebody is just changing it: a status that was on its way would undo what was chosen. */
  #fill(id: string, value: string): void {
    const control = element(id, HTMLElement) as HTMLInputElement | HTMLSelectElement;
    if (document.activeElement !== control && this.#underWay === 0) control.value = value;
  }

  #command(command: Command): void {
    this.#underWay++;
    this.execute(command)
      .then(
        () => this.refuse(''),
        (error: Error) => this.refuse(error.message),
      )
      .finally(() => {
        this.#underWay--;
      });
  }
}

/** Adds a value to those of the last {@link SECONDS}, one a second, and draws them. */
function show(chart: Chart, values: number[], value: number): void {
  values.push(value);
  if (values.length > SECONDS) values.shift();
  chart.show([{ x: values.map((_, n) => n + 1 - values.length), y: values, colour: '--accent' }]);
}
