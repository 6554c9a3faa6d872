import { runLiveChain } from '../live-figures.js';
import type { Bench, Measurement } from './bench.js';

const SECONDS = 20;

/** The whole live chain in this process: IQ file, narrow-FM receiver, denoiser in its thread. */
export const live: Bench = {
  name: 'live',
  about: `narrow FM at 1.024 MS/s to denoised sound; arguments: seconds instead of ${SECONDS}, model`,
  async run([seconds, model]): Promise<Measurement[]> {
    const { hopMs, processorShare, elapsedSeconds, ...rest } = await runLiveChain({
      seconds: Number(seconds ?? SECONDS),
      realtime: false,
      ...(model === undefined ? {} : { model }),
    });
    return [
      {
        what: 'processor time, all threads',
        value: 100 * processorShare,
        unit: '% of a core',
        promise: { atMost: 25 },
      },
      {
        what: 'as fast as it goes',
        value: rest.seconds / elapsedSeconds,
        unit: '× real time',
        promise: { atLeast: 2 },
      },
      { what: 'time per hop, median', value: hopMs.p50, unit: 'ms' },
      { what: 'time per hop, 99 %', value: hopMs.p99, unit: 'ms', promise: { atMost: 8 } },
    ];
  },
};
