import cliProgress from 'cli-progress';
import type { Output } from './output.js';
import { formatSeconds, formatSpeed } from './text/time-format.js';

/** Shows how far one file is. */
export interface Progress {
  /**
   * @param doneSeconds - audio finished, in seconds of audio.
   * @param totalSeconds - length of the audio in seconds; `undefined` while unknown (a pipe).
   */
  update(doneSeconds: number, totalSeconds: number | undefined): void;
  /** Removes the bar; call it whatever happens. */
  stop(): void;
}

const SILENT: Progress = { update: () => {}, stop: () => {} };

/** A bar on stderr with percentage, ETA and speed (× real time); nothing where no person is looking. */
export function startProgress(output: Output, label: string): Progress {
  if (!output.interactive) return SILENT;
  const start = performance.now();
  const bar = new cliProgress.SingleBar({
    stream: output.stderr,
    hideCursor: true,
    clearOnComplete: true,
    forceRedraw: false,
    // The bar must not add its own signal handlers: src/cli/interrupt.ts owns Ctrl-C.
    gracefulExit: false,
    format: (options, params, payload) => {
      const elapsed = (performance.now() - start) / 1000;
      const speed = payload.done / elapsed;
      const parts = [payload.label];
      if (payload.known) {
        const left = (params.total - params.value) / Math.max(speed, 1e-9);
        const percent = Math.floor(Math.min(1, params.progress) * 100);
        parts.push(
          cliProgress.Format.BarFormat(params.progress, options),
          `${percent} %`,
          `ETA ${formatSeconds(payload.done > 0 ? left : Number.NaN)}`,
        );
      } else {
        parts.push(`${formatSeconds(payload.done)} done`);
      }
      return [...parts, `${formatSpeed(speed)} real time`].join('  ');
    },
  });
  bar.start(1, 0, { label, done: 0, known: false });
  return {
    update(doneSeconds, totalSeconds) {
      if (totalSeconds !== undefined) bar.setTotal(totalSeconds);
      bar.update(totalSeconds === undefined ? 0 : doneSeconds, {
        label,
        done: doneSeconds,
        known: totalSeconds !== undefined,
      });
    },
    stop: () => bar.stop(),
  };
}
