import type { LiveModels } from '../../../streams/live/live-models.js';
import { useOf } from '../../../streams/live/live-models.js';
import type { LiveSession } from '../../../streams/live/live-session.js';
import type { Mode } from '../../../streams/radio/modes.js';
import { toDenoiseError, UsageError } from '../../errors.js';
import type { Output } from '../output.js';
import type { LiveCommandOptions } from './command-options.js';

/** The profile of noise that is captured without a name. */
const DEFAULT_PROFILE = 'default';

/**
 * Keeps the noise of a session and retunes on it, as far as that is asked for.
 * @param mode of the radio; `undefined` where there is none
 * @returns what ends it
 * @throws UsageError `E_CAPTURE` without a denoiser, `E_CRON`
 */
export async function startOnline(
  session: LiveSession,
  models: LiveModels | undefined,
  mode: Mode | undefined,
  { capture, retune: cron, source }: LiveCommandOptions,
  output: Output,
): Promise<() => Promise<void>> {
  if (capture === undefined && cron === undefined) return async () => {};
  if (models === undefined)
    throw new UsageError('E_CAPTURE', 'Without a model, noise is not told from speech.', {
      hint: 'Leave out --no-denoise.',
    });
  const profile = capture ?? DEFAULT_PROFILE;
  const [{ NoiseCapture }, { NoiseStore }] = await Promise.all([
    import('../../online/capture.js'),
    import('../../online/noise-store.js'),
  ]);
  const retuning =
    cron === undefined
      ? undefined
      : await (await import('./retune.js')).startLiveRetune({
          ...{ session, models, profile, cron, output },
          use: useOf(mode),
        });
  const capturing = new NoiseCapture(session, {
    store: new NoiseStore(),
    profile,
    source,
    onError: (error) => output.warn(`No more noise is kept: ${toDenoiseError(error, 'Capturing').message}`),
  });
  return async () => {
    await retuning?.();
    await capturing.close();
  };
}
