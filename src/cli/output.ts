import type { DenoiseError } from '../errors.js';
import { printable } from './text/printable.js';

/** How a command talks. */
export interface OutputMode {
  /** One JSON document on stdout instead of sentences; errors as JSON objects on stderr. */
  json: boolean;
  /** Say nothing but errors. */
  quiet: boolean;
  /** Audio flows through stdout: everything meant for a reader goes to stderr. */
  audioOnStdout: boolean;
}

type Style = 'bold' | 'dim' | 'red' | 'yellow';

const STYLES: Record<Style, [number, number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  yellow: [33, 39],
};

/** Everything the program says. Data and JSON on stdout; progress, warnings and errors on stderr. */
export class Output {
  private mode: OutputMode = { json: false, quiet: false, audioOnStdout: false };

  constructor(
    private readonly stdout: NodeJS.WriteStream = process.stdout,
    readonly stderr: NodeJS.WriteStream = process.stderr,
    private readonly environment: NodeJS.ProcessEnv = process.env,
  ) {}

  configure(mode: Partial<OutputMode>): void {
    this.mode = { ...this.mode, ...mode };
  }

  get json(): boolean {
    return this.mode.json;
  }

  get quiet(): boolean {
    return this.mode.quiet;
  }

  /** True where a progress bar may be drawn: a person at a terminal that can, who did not ask for silence or JSON. */
  get interactive(): boolean {
    const able = this.stderr.isTTY === true && this.environment.TERM !== 'dumb';
    return able && !this.mode.quiet && !this.mode.json;
  }

  /** The report of a command, for a reader. Nothing with `--json` or `--quiet`. */
  report(...lines: string[]): void {
    if (this.mode.json || this.mode.quiet) return;
    const target = this.mode.audioOnStdout ? this.stderr : this.stdout;
    for (const line of lines) target.write(`${printable(line)}\n`);
  }

  /** The result of a command, for a program: one JSON document. Nothing without `--json`. */
  result(document: object): void {
    if (!this.mode.json) return;
    const target = this.mode.audioOnStdout ? this.stderr : this.stdout;
    target.write(`${JSON.stringify(document, null, 2)}\n`);
  }

  /** Something that happened, for a program: one JSON object on a line of its own. Nothing without `--json`. */
  event(document: object): void {
    if (!this.mode.json) return;
    const target = this.mode.audioOnStdout ? this.stderr : this.stdout;
    // Counts of samples are bigint, which JSON does not know.
    const plain = (_key: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value);
    target.write(`${JSON.stringify(document, plain)}\n`);
  }

  /** Something the user should know although the command goes on. */
  warn(sentence: string): void {
    if (this.mode.json || this.mode.quiet) return;
    this.stderr.write(`${this.style('yellow', 'warning:')} ${printable(sentence)}\n`);
  }

  /** As {@link warn}, for what is no reason to worry. */
  note(sentence: string): void {
    if (!this.mode.json && !this.mode.quiet) this.stderr.write(`${printable(sentence)}\n`);
  }

  /** One sentence: what and why, then what to do. With `--json` one line `{"error":{code,message,hint}}`. */
  error(error: DenoiseError): void {
    if (this.mode.json) {
      this.stderr.write(`${JSON.stringify({ error: error.toJSON() })}\n`);
      return;
    }
    const hint = error.hint === undefined ? '' : ` ${error.hint}`;
    this.stderr.write(`${this.style('red', 'denoise:')} ${printable(`${error.message}${hint}`)}\n`);
  }

  /** `text` in a style where the terminal shows styles and NO_COLOR is unset (https://no-color.org). */
  style(style: Style, text: string, stream: NodeJS.WriteStream = this.stderr): string {
    const plain =
      stream.isTTY !== true || (this.environment.NO_COLOR ?? '') !== '' || this.environment.TERM === 'dumb';
    if (plain) return text;
    const [on, off] = STYLES[style];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  }
}
