import type { Denoise } from '../../../streams/denoise/denoise.js';
import type { LiveRadio } from '../../../streams/live/live-radio.js';
import type { LiveSession } from '../../../streams/live/live-session.js';
import type { Mode } from '../../../streams/radio/modes.js';
import type { Receiver } from '../../../streams/radio/receiver.js';
import { toDenoiseError, UsageError } from '../../errors.js';
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
/** What one press changes the bandwidth by, and the grid it is kept on, Hz. */
const WIDTH_FACTOR = 1.15;
const WIDTH_STEP_HZ = 50;

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
  const { radio } = session;
  const steps = { left: -1, right: 1, down: -10, up: 10 }[key];
  if (key === 'q') {
    session.stop({ atOnce: true });
    return 'Ending.';
  }
  if (radio !== undefined && steps !== undefined)
    return `Tuned to ${formatHertz(await radio.retuneBy(steps * STEP_HZ[radio.mode]))}.`;
  const answer = radio === undefined ? undefined : await setRadio(radio, key);
  return answer ?? setDenoiser(session.denoise, key);
}

/** `undefined` for keys that are none of the radio. */
async function setRadio(radio: LiveRadio, key: string): Promise<string | undefined> {
  const up = key !== key.toLowerCase() || key === ']';
  switch (key) {
    case 'm':
    case 'M':
      return `Mode ${(await radio.nextMode(up ? -1 : 1)).toUpperCase()}.`;
    case '[':
    case ']':
      return stepSquelch(radio, up ? 1 : -1);
    case 'w':
    case 'W': {
      const { bandwidthHz } = receiverOf(radio).options;
      const wanted = roundWidth(bandwidthHz * (up ? WIDTH_FACTOR : 1 / WIDTH_FACTOR));
      await radio.setBandwidth(wanted);
      return `Bandwidth ${formatHertz(wanted)}.`;
    }
    case 'a': {
      const on = !receiverOf(radio).options.afc;
      await radio.change({ afc: on });
      return `Frequency control ${on ? 'on' : 'off'}.`;
    }
    default:
      return undefined;
  }
}

/** From off up: the signal-to-noise ratio that opens it, from 0 dB; or the level, where that was asked for. */
async function stepSquelch(radio: LiveRadio, direction: number): Promise<string> {
  const { squelch } = receiverOf(radio).options;
  if (squelch.kind === 'off' && direction < 0) return 'The squelch is off.';
  const kind = squelch.kind === 'carrier' ? 'carrier' : 'noise';
  const thresholdDb = squelch.kind === 'off' ? 0 : (squelch.thresholdDb ?? 0) + direction;
  if (kind === 'noise' && thresholdDb < 0) {
    await radio.change({ squelch: { kind: 'off' } });
    return 'Squelch off.';
  }
  await radio.change({ squelch: { kind, thresholdDb } });
  return `Squelch ${thresholdDb} ${kind === 'noise' ? 'dB over the noise' : 'dBFS'}.`;
}

const roundWidth = (hz: number): number => Math.round(hz / WIDTH_STEP_HZ) * WIDTH_STEP_HZ;

function receiverOf(radio: LiveRadio): Receiver {
  const { receiver } = radio.demodulate;
  if (receiver !== undefined) return receiver;
  throw new UsageError('E_NOT_RECEIVING', 'The radio has given no samples yet.', {
    hint: 'Try again in a moment.',
  });
}

function setDenoiser(denoise: Denoise | undefined, key: string): string {
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
