import type { ModelUse } from '../../models/use.js';
import { type Clock, systemClock } from '../../streams/clock.js';
import { modelDenoiser } from '../../streams/denoise/model-denoiser.js';
import type { LiveModels } from '../../streams/live/live-models.js';
import type { LiveSession } from '../../streams/live/live-session.js';
import { meanPower, rmsDbfs } from '../audio/metrics/levels.js';
import type { Model } from '../engine/model.js';
import { toDenoiseError } from '../errors.js';
import { Probation, type ProbationOptions } from './probation.js';
import { levelDrift } from './shadow-levels.js';

export interface LiveTrialOptions {
  session: LiveSession;
  models: LiveModels;
  use: ModelUse;
  /** The candidate; the trial takes over the caller's use of it. */
  candidate: Model;
  /** How long it runs unheard beside the champion, seconds; default 10. */
  shadowSeconds?: number;
  /** Most computing time per second of audio beside the champion; default 0.5. */
  mostLoad?: number;
  probation?: ProbationOptions;
  clock?: Clock;
  signal?: AbortSignal;
}

/** `kept`: the candidate serves. Else the champion does, as before. */
export type TrialOutcome =
  | { kept: true }
  | { kept: false; stage: 'shadow' | 'swap' | 'probation'; reason: string };

/**
 * Tries a candidate on live audio: first unheard beside the champion, then, through the cross-fade of the slot, in its place, on
 * probation. A candidate that fails goes the same way back.
 */
export async function tryLive(options: LiveTrialOptions): Promise<TrialOutcome> {
  const { session, models, use, candidate, clock = systemClock, signal } = options;
  const shadow = await runShadow(options, clock);
  if (shadow !== undefined) {
    await candidate.release();
    return { kept: false, stage: 'shadow', reason: shadow };
  }
  const champion = models.championOf(use);
  // It stays loaded, and warm in memory, for as long as it may have to come back.
  champion.model.retain();
  models.replace(use, candidate.name || candidate.info.hash.slice(0, 12), candidate);
  const putBack = (): void => models.replace(use, champion.name, champion.model.retain());
  try {
    try {
      await session.swap();
    } catch (error) {
      // The slot kept the champion.
      putBack();
      return { kept: false, stage: 'swap', reason: toDenoiseError(error, 'Exchanging the model').message };
    }
    const reason = await watch(session, new Probation(options.probation), clock, signal);
    if (reason === undefined) return { kept: true };
    putBack();
    await session.swap();
    return { kept: false, stage: 'probation', reason };
  } finally {
    await champion.model.release();
  }
}

/** @returns why the candidate is not fit to be heard; `undefined` when it is */
async function runShadow(
  { session, candidate, shadowSeconds = 10, mostLoad = 0.5, signal }: LiveTrialOptions,
  clock: Clock,
): Promise<string | undefined> {
  const opened = modelDenoiser(candidate)(session.format);
  const { sampleRate } = session.format;
  let reason: string | undefined;
  let seconds = 0;
  let milliseconds = 0;
  // Either listener may miss chunks: levels are compared, not samples.
  const powers = { received: [] as number[], champion: [] as number[], candidate: [] as number[] };
  const heard = session.attach(
    async (chunk) => {
      if (chunk.sampleRate !== sampleRate) return;
      const start = clock.now();
      const out = await opened.denoiser.process(chunk.samples);
      milliseconds += clock.now() - start;
      seconds += chunk.samples[0].length / sampleRate;
      if (out[0].length === 0) return;
      powers.received.push(meanPower(chunk.samples[0]));
      const power = meanPower(out[0]);
      powers.candidate.push(power);
      if (!Number.isFinite(power)) reason ??= 'its output is not finite';
    },
    { what: 'received', name: 'shadow', budget: { load: 0.5 } },
  );
  const champion = session.attach(
    (chunk) => {
      powers.champion.push(meanPower(chunk.samples[0]));
    },
    {
      ...{ what: 'denoised', name: 'shadow (champion)' },
    },
  );
  try {
    await sleep(1000 * shadowSeconds, clock, signal);
  } finally {
    heard.detach();
    champion.detach();
    opened.close();
  }
  if (reason !== undefined) return reason;
  if (seconds === 0) return 'no audio came';
  const load = milliseconds / 1000 / seconds;
  if (load > mostLoad) return `it takes ${load.toFixed(2)} s per second of audio`;
  const drift = levelDrift(powers);
  return drift === undefined ? undefined : `its level is ${drift.toFixed(1)} dB from that of the champion`;
}

/** @returns why the candidate failed; `undefined` when it did not */
async function watch(
  session: LiveSession,
  probation: Probation,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  let outputDb = Number.NEGATIVE_INFINITY;
  let inputDb = Number.NEGATIVE_INFINITY;
  const before = session.attach(
    (chunk) => {
      inputDb = rmsDbfs(chunk.samples[0]);
    },
    {
      ...{ what: 'received', name: 'probation' },
    },
  );
  const after = session.attach(
    (chunk) => {
      outputDb = rmsDbfs(chunk.samples[0]);
    },
    {
      ...{ what: 'denoised', name: 'probation (denoised)' },
    },
  );
  let failure: string | undefined;
  const onEvent = (event: { kind: string }): void => {
    if (event.kind === 'denoiser-failed') failure = 'the denoiser failed';
  };
  session.on('event', onEvent);
  try {
    for (;;) {
      await sleep(1000, clock, signal);
      if (failure !== undefined) return failure;
      const { denoiser, seconds } = session.status;
      const result = probation.observe(
        denoiser === null
          ? undefined
          : {
              ...{ seconds, inputDb, outputDb },
              passedThroughSeconds: denoiser.passedThroughSeconds,
              load: denoiser.load,
            },
      );
      if (result.state === 'passed') return undefined;
      if (result.state === 'failed') return result.reason;
    }
  } finally {
    before.detach();
    after.detach();
    session.off('event', onEvent);
  }
}

function sleep(ms: number, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    const onAbort = (): void => {
      timer.cancel();
      reject(signal!.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
