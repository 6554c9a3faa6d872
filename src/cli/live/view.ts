import { emitKeypressEvents } from 'node:readline';
import type { LevelStatus, LiveStatus } from '../../../streams/live/live-status.js';
import { formatHertz } from '../text/hertz.js';
import { formatSeconds } from '../text/time-format.js';

/** What a line may need beside the status. */
export interface LiveFrame {
  /** Name of the source. */
  source: string;
  /** Name of the model that denoises; `null`: none. */
  model: string | null;
  /** The last thing that happened; empty for nothing. */
  message: string;
  /** Power per bin, dBFS, from low to high frequencies. */
  spectrumDb?: Float32Array | undefined;
  /** Lines to show instead of the short list of keys. */
  help?: readonly string[] | undefined;
  /** Columns and rows of the terminal; default all the rows it takes. */
  width: number;
  height?: number;
}

/** Bars begin here, dBFS. */
const BAR_FLOOR_DB = -70;
const BAR_CELLS = 24;
/** Samples beyond this are cut off by whatever plays them, dBFS. */
const CLIPPING_DB = -0.1;
/** The line of spectrum spans at least this much, dB: noise alone is to look flat. */
const SPECTRUM_RANGE_DB = 20;
const HEIGHTS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

const number = (value: number | null, digits: number, unit: string): string =>
  `${value === null ? '–' : value.toFixed(digits).replace('-', '−')} ${unit}`;

/** A bar of 24 cells, in eighths of a cell: −70 dBFS is empty, 0 is full. */
export function levelBar(db: number | null): string {
  const share = Math.max(0, Math.min(1, 1 - (db ?? BAR_FLOOR_DB) / BAR_FLOOR_DB));
  const eighths = Math.round(share * BAR_CELLS * 8);
  return ('█'.repeat(eighths >> 3) + EIGHTHS[eighths & 7]).padEnd(BAR_CELLS, '·');
}

function levelLine(name: string, { rmsDb, peakDb, snrDb }: LevelStatus): string {
  const peak =
    (peakDb ?? Number.NEGATIVE_INFINITY) > CLIPPING_DB
      ? 'CLIPPING'
      : `peak ${number(peakDb, 0, 'dB').padStart(7)}`;
  return `${name}  ${levelBar(rmsDb)} ${number(rmsDb, 1, 'dBFS').padStart(10)}   ${peak}   over pauses ${number(snrDb, 1, 'dB').padStart(7)}`;
}

/** A line of spectrum: the strongest bin of each cell, from the noise floor (its median) up to the strongest. */
export function spectrumLine(powerDb: Float32Array, cells: number): string {
  const sorted = powerDb.slice().sort();
  const floor = sorted[sorted.length >> 1];
  const range = Math.max(SPECTRUM_RANGE_DB, sorted.at(-1)! - floor);
  return Array.from({ length: cells }, (_, cell) => {
    const from = Math.floor((cell * powerDb.length) / cells);
    const to = Math.max(from + 1, Math.floor(((cell + 1) * powerDb.length) / cells));
    const share = (Math.max(...powerDb.subarray(from, to)) - floor) / range;
    return HEIGHTS[Math.max(0, Math.min(HEIGHTS.length - 1, Math.floor(share * HEIGHTS.length)))];
  }).join('');
}

/** Breaks a line between its parts where it is wider than the terminal. */
function wrap(line: string, width: number): string[] {
  if (line.length < width) return [line];
  const rows: string[] = [];
  for (const part of line.split(/ {3,}/)) {
    const row = rows.at(-1);
    if (row !== undefined && row.length + 3 + part.length < width) rows[rows.length - 1] = `${row}   ${part}`;
    else rows.push(rows.length === 0 ? part : `  ${part}`);
  }
  return rows;
}

function radioLine(radio: NonNullable<LiveStatus['radio']>): string {
  const parts = [
    formatHertz(radio.frequencyHz),
    radio.mode.toUpperCase(),
    `squelch ${radio.squelchOpen ? 'open' : 'shut'}`,
    `channel ${number(radio.levelDb, 1, 'dBFS')}`,
    `SNR ${number(radio.snrDb, 0, 'dB')}`,
  ];
  if (radio.afcHz !== 0) parts.push(`AFC ${radio.afcHz > 0 ? '+' : '−'}${Math.abs(radio.afcHz)} Hz`);
  if (radio.ctcssHz !== null) parts.push(`CTCSS ${radio.ctcssHz.toFixed(1)} Hz`);
  if (radio.digital) parts.push('digital');
  if (radio.notchHz.length > 0) parts.push(`notch ${radio.notchHz.join(', ')} Hz`);
  if (radio.blankedPulses > 0) parts.push(`blanked ${radio.blankedPulses}`);
  return parts.join('   ');
}

function denoiserLine({ denoiser }: LiveStatus): string {
  if (denoiser === null) return 'denoising off';
  const { bypass, passing, music, load, hopMs } = denoiser;
  const state = passing
    ? 'PASSING THROUGH: too slow'
    : bypass
      ? 'bypassed'
      : music
        ? 'looks like music, left in (--music off)'
        : 'denoising';
  const strength = `${Math.round(100 * denoiser.appliedStrength)} of ${Math.round(100 * denoiser.strength)} %`;
  return `${state}   strength ${strength}   load ${Math.round(100 * load)} %   hop ${hopMs.p50.toFixed(1)} ms (p99 ${hopMs.p99.toFixed(1)})`;
}

function flowLine({ latency, source, sink, denoiser }: LiveStatus): string {
  const parts: string[] = [];
  if (latency !== null) {
    const { totalMs, sourceMs, ownMs, sinkMs, p99Ms } = latency;
    const speaker = sinkMs > 0 ? `, speaker ${sinkMs}` : '';
    parts.push(`latency ${totalMs} ms (source ${sourceMs}, ours ${ownMs}${speaker}; p99 ${p99Ms})`);
  }
  parts.push(`lost ${formatSeconds(source.lostSeconds + sink.droppedSeconds)}`);
  if (sink.clippedSamples > 0) parts.push(`clipped ${sink.clippedSamples} samples`);
  if (sink.underruns > 0) parts.push(`underruns ${sink.underruns}`);
  if ((denoiser?.overloads ?? 0) > 0)
    parts.push(
      `overloads ${denoiser!.overloads} (${formatSeconds(denoiser!.passedThroughSeconds)} passed through)`,
    );
  if (source.state === 'retrying' || source.state === 'failed') parts.push(`source ${source.state}`);
  return parts.join('   ');
}

/** One line for a log. */
export function statusLine(status: LiveStatus): string {
  const { radio, input, output } = status;
  const parts = [formatSeconds(status.seconds).padStart(8)];
  if (radio !== null) parts.push(radioLine(radio));
  parts.push(`level ${number(input.rmsDb, 1, 'dBFS')} → ${number(output.rmsDb, 1, 'dBFS')}`);
  parts.push(`over pauses ${number(input.snrDb, 1, 'dB')} → ${number(output.snrDb, 1, 'dB')}`);
  parts.push(flowLine(status));
  if (status.denoiser !== null) parts.push(`load ${Math.round(100 * status.denoiser.load)} %`);
  return parts.join(' | ');
}

/**
 * The picture of a moment, line by line, none wider than the terminal, and all of it lower than that: lines that scroll
 * away cannot be drawn over. Where rows are few the blank lines go, then the last ones.
 */
export function renderLive(status: LiveStatus, frame: LiveFrame): string[] {
  const { source, model, message, spectrumDb, help, width, height = Number.POSITIVE_INFINITY } = frame;
  const keys =
    status.radio === null
      ? 'b bypass   s/S strength   r record   ? help   q quit'
      : '←/→ tune   m mode   [/] squelch   b bypass   r record   ? help   q quit';
  const lines = [
    `denoise live   ${source}   ${formatSeconds(status.seconds)}${model === null ? '' : `   model ${model}`}`,
    ...(status.radio === null ? [] : [radioLine(status.radio)]),
    ...(spectrumDb === undefined ? [] : [spectrumLine(spectrumDb, Math.max(1, width - 1))]),
    '',
    levelLine('before', status.input),
    levelLine('after ', status.output),
    '',
    denoiserLine(status),
    flowLine(status),
    message,
    ...(help ?? [keys]),
  ].flatMap((line) => wrap(line, width));
  const shown = lines.length < height ? lines : lines.filter((line) => line !== '').slice(0, height - 1);
  return shown.map((line) => (line.length > width - 1 ? `${line.slice(0, width - 2)}…` : line));
}

/** Draws frames over each other at the bottom of a terminal, and hears its keys. */
export class LiveView {
  #drawn = 0;

  /** @param onKey - told the name of a key (`left`, `m`, …), with capitals for shift. */
  constructor(
    private readonly terminal: NodeJS.WriteStream,
    private readonly keyboard: NodeJS.ReadStream | undefined,
    private readonly onKey: (name: string) => void,
  ) {
    terminal.write('\u001b[?25l');
    if (keyboard === undefined) return;
    emitKeypressEvents(keyboard);
    keyboard.setRawMode(true);
    keyboard.on('keypress', this.#press);
    keyboard.resume();
  }

  draw(lines: readonly string[]): void {
    const back = this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A`;
    this.terminal.write(`${back}\r${lines.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`);
    this.#drawn = lines.length;
  }

  /** Gives the terminal back as it was; the last frame stays. */
  close(): void {
    this.terminal.write('\u001b[?25h');
    const { keyboard } = this;
    if (keyboard === undefined) return;
    keyboard.off('keypress', this.#press);
    keyboard.setRawMode(false);
    keyboard.pause();
  }

  readonly #press = (
    text: string | undefined,
    key: { name?: string; ctrl?: boolean; shift?: boolean },
  ): void => {
    // In raw mode Ctrl-C is a key like any other.
    if (key.ctrl && key.name === 'c') process.kill(process.pid, 'SIGINT');
    else if (text === '+' || text === '-') this.onKey(text === '+' ? 'right' : 'left');
    else if (key.name !== undefined) this.onKey(key.shift ? key.name.toUpperCase() : key.name);
    else if (text !== undefined) this.onKey(text);
  };
}
