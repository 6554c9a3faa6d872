import type { LiveSession } from '../../../streams/live/live-session.js';
import type { Recorder } from '../../../streams/live/recorder.js';
import type { Scanner } from '../../../streams/live/scanner.js';
import { isTuner } from '../../../streams/sources/tuner.js';
import { toDenoiseError } from '../../errors.js';
import { formatHertz, parseHertz } from '../text/hertz.js';
import { pressKey } from './keys.js';

const VOLUME_STEP = 0.1;
const NO_SCAN = 'There is no scan: it begins with --scan.';

/** The keys, three to a line of 60 columns. */
export const HELP: readonly string[] = [
  '←/→ tune, ↓/↑ ×10     0-9 . ⏎ a frequency in MHz (k: kHz)',
  'm/M mode, w/W width   [/] squelch   g/G gain   a AFC',
  's/S strength          b bypass      v/V volume',
  'r record              ? help        q quit',
  'scan: n next          space stay, go on',
];

/** Whoever sits at the terminal: their keys, with what must be remembered between two of them. */
export class LiveDesk {
  showsHelp = false;
  #typed = '';

  /** @param speakers Whose volume the keys change. @param scanner What n and space act on. */
  constructor(
    private readonly session: LiveSession,
    private readonly speakers: { volume: number | undefined },
    private readonly recorder: Recorder,
    private readonly scanner?: Scanner,
  ) {}

  /** Does what a key stands for. Never throws. @returns one line for the view */
  async press(key: string): Promise<string> {
    if (this.session.radio !== undefined && (/^[0-9.]$/.test(key) || this.#typed !== ''))
      return this.#type(key);
    try {
      switch (key) {
        case '?':
        case 'h':
          this.showsHelp = !this.showsHelp;
          return '';
        case 'r':
          return await this.#toggleRecording();
        case 'v':
        case 'V':
          return this.#stepVolume(key === 'V' ? VOLUME_STEP : -VOLUME_STEP);
        case 'n':
          return this.#skip();
        case 'space':
          return this.#hold();
        case 'g':
        case 'G':
          return await this.#stepGain(key === 'G' ? 1 : -1);
        default:
          return await pressKey(this.session, key);
      }
    } catch (error) {
      return toDenoiseError(error, 'That did not work').message;
    }
  }

  async #toggleRecording(): Promise<string> {
    if (this.recorder.path === undefined) return `Recording to ${await this.recorder.start()}.`;
    await this.recorder.end();
    return 'Recording ended.';
  }

  async #type(key: string): Promise<string> {
    if (key === 'backspace') this.#typed = this.#typed.slice(0, -1);
    else if (/^[0-9.kMG]$/i.test(key)) this.#typed += key;
    else if (key === 'return' || key === 'enter') {
      const typed = this.#typed;
      this.#typed = '';
      try {
        const hz = parseHertz(/[kmg]$/i.test(typed) ? typed : `${typed}M`, 'The frequency');
        return `Tuned to ${formatHertz(await this.session.radio!.retune(hz))}.`;
      } catch (error) {
        return toDenoiseError(error, 'That did not work').message;
      }
    } else this.#typed = '';
    return this.#typed === '' ? '' : `Frequency: ${this.#typed}_  MHz (⏎ tunes, Esc forgets)`;
  }

  #skip(): string {
    if (this.scanner === undefined) return NO_SCAN;
    this.scanner.skip();
    return 'On to the next channel.';
  }

  #hold(): string {
    if (this.scanner === undefined) return NO_SCAN;
    this.scanner.held = !this.scanner.held;
    return this.scanner.held ? `The scan stays on ${this.scanner.channel?.name}.` : 'The scan goes on.';
  }

  #stepVolume(step: number): string {
    const { volume } = this.speakers;
    if (volume === undefined) return 'There is no speaker.';
    this.speakers.volume = Math.max(0, Math.min(1, Math.round(10 * (volume + step)) / 10));
    return `Volume ${Math.round(100 * this.speakers.volume)} %.`;
  }

  /** The next gain that the tuner has, from the present one; below the least is its own control. */
  async #stepGain(direction: number): Promise<string> {
    const source = this.session.radio?.source;
    if (source === undefined || !isTuner(source)) return 'There is no tuner with a gain.';
    if (source.gains.length === 0) return 'Which gains the tuner has is not known.';
    const steps: (number | 'auto')[] = ['auto', ...source.gains];
    const wanted = Math.max(0, Math.min(steps.length - 1, steps.indexOf(source.gain) + direction));
    const gain = await source.setGain(steps[wanted]);
    return gain === 'auto' ? 'Gain automatic.' : `Gain ${gain} dB.`;
  }
}
