/**
 * Runs the live chain for long, and says whether it held: `node dist/scripts/soak-live.js [MINUTES] [--fast] [MODEL]`.
 * Minutes of audio, default 30; by the clock, or with `--fast` as fast as it goes (then nothing can be late).
 */
import { type LiveFigures, runLiveChain } from './live-figures.js';

const words = process.argv.slice(2);
const fast = words.includes('--fast');
const [minutes = '30', model] = words.filter((word) => word !== '--fast');
/** Share of the run after which memory counts: caches are filled and code is compiled by then. */
const WARM_UP = 0.2;
const MOST_DRIFT_MIB = 10;
/** Half a hop of the shipped models, 256 samples at 16 kHz. */
const MOST_HOP_MS = 8;

const seconds = 60 * Number(minutes);
const memory: { seconds: number; mib: number }[] = [];

function line(figures: LiveFigures): string {
  const { residentMiB, hopMs, lostSeconds, passedThroughSeconds, latencyMs } = figures;
  return [
    `${(figures.seconds / 60).toFixed(1)} min of sound in ${(figures.elapsedSeconds / 60).toFixed(1)} min`,
    `memory ${residentMiB.toFixed(0)} MiB`,
    `hop p50 ${hopMs.p50.toFixed(2)} p99 ${hopMs.p99.toFixed(2)} ms`,
    `lost ${lostSeconds.toFixed(2)} s`,
    `passed through ${passedThroughSeconds.toFixed(2)} s`,
    `processor ${(100 * figures.processorShare).toFixed(1)} %`,
    ...(latencyMs === null ? [] : [`latency ${latencyMs} ms`]),
  ].join(' | ');
}

/** Slope of the least-squares line through memory over time, times the length of the run, MiB. */
function drift(): number {
  const points = memory.filter((point) => point.seconds >= WARM_UP * seconds);
  const meanX = points.reduce((sum, { seconds: x }) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, { mib }) => sum + mib, 0) / points.length;
  let above = 0;
  let below = 0;
  for (const { seconds: x, mib } of points) {
    above += (x - meanX) * (mib - meanY);
    below += (x - meanX) ** 2;
  }
  return (above / Math.max(below, 1e-9)) * (1 - WARM_UP) * seconds;
}

const end = await runLiveChain({
  seconds,
  realtime: !fast,
  ...(model === undefined ? {} : { model }),
  onProgress: (figures) => {
    memory.push({ seconds: figures.seconds, mib: figures.residentMiB });
    console.log(line(figures));
  },
});
const grown = drift();
console.log(line(end));
console.log(`memory drift after warm-up: ${grown.toFixed(1)} MiB (at most ±${MOST_DRIFT_MIB})`);
console.log(
  `p99 of a hop ${end.hopMs.p99.toFixed(2)} ms (at most ${MOST_HOP_MS}), lost ${end.lostSeconds} s (none)`,
);
const held = Math.abs(grown) <= MOST_DRIFT_MIB && end.hopMs.p99 <= MOST_HOP_MS && end.lostSeconds === 0;
console.log(held ? 'held' : 'NOT HELD');
process.exitCode = held ? 0 : 1;
