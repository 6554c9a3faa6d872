import type { LiveSession } from '../../../streams/live/live-session.js';
import type { Mode } from '../../../streams/radio/modes.js';
import { toDenoiseError } from '../../errors.js';
import { formatHertz } from '../text/hertz.js';

/** Distance of channels, Hz: what one press of an arrow moves. */
const STEP_HZ: Readonly<Record<Mode, number>> = {
  wbfm: 100_000,
  nbfm: 12_500,
  am: 5_000,
  sam: 5_000,
  usb: 100,
  lsb: 100,
  cw: 50,
};
const STRENGTH_STEP = 0.1;

/**
 * Does what a key of the terminal view stands for. Never throws: what goes wrong is what it tells.
 *
 * @returns one line for the view; empty for keys without a meaning.
 */
export async function pressKey(session: LiveSession, key: string): Promise<string> {
  try {
    return await act(session, key);
  } catch (error) {
    const { message, hint } = toDenoiseError(error, 'That did not work');
    return hint === undefined ? message : `${message} ${hint}`;
  }
}

async function act(session: LiveSession, key: string): Promise<string> {
  const { radio, denoise } = session;
  const steps = { left: -1, right: 1, down: -10, up: 10 }[key];
  if (key === 'q') {
    session.stop({ atOnce: true });
    return 'Ending.';
  }
  if (radio !== undefined && steps !== undefined)
    return `Tuned to ${formatHertz(await radio.retuneBy(steps * STEP_HZ[radio.mode]))}.`;
  if (radio !== undefined && key === 'm') return `Mode ${(await radio.nextMode()).toUpperCase()}.`;
  if (denoise === undefined) return '';
  if (key === 'b') {
    denoise.bypass = !denoise.bypass;
    return denoise.bypass ? 'Bypassed: the sound as it comes.' : 'Denoising again.';
  }
  if (key === 's' || key === 'S') {
    const wanted = denoise.strength + (key === 'S' ? STRENGTH_STEP : -STRENGTH_STEP);
    denoise.strength = Math.max(0, Math.min(1, Math.round(10 * wanted) / 10));
    return `Strength ${Math.round(100 * denoise.strength)} %.`;
  }
  return '';
}
