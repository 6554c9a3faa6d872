import type { LiveSession } from '../../streams/live/live-session.js';
import type { Recorder } from '../../streams/live/recorder.js';
import { MODES, type Mode } from '../../streams/radio/modes.js';
import { isTuner } from '../../streams/sources/tuner.js';
import { UsageError } from '../errors.js';
import type { Command } from './protocol/messages.js';

/** What can be commanded in a session. */
export function liveCommands(
  { radio, denoise }: LiveSession,
  recorder: Recorder | undefined,
): Command['name'][] {
  return [
    ...(radio === undefined ? [] : (['tune', 'tune-by', 'mode', 'squelch'] as const)),
    ...(radio !== undefined && isTuner(radio.source) ? (['gain'] as const) : []),
    ...(denoise === undefined ? [] : (['strength', 'bypass'] as const)),
    ...(recorder === undefined ? [] : (['record'] as const)),
  ];
}

/**
 * Carries a command out. @returns what was really set
 * @throws UsageError `E_COMMAND`, `E_MODE`; what the session's own functions throw
 */
export async function executeLive(
  command: Command,
  session: LiveSession,
  recorder: Recorder | undefined,
): Promise<unknown> {
  const { radio, denoise } = session;
  if (!liveCommands(session, recorder).includes(command.name)) throw notHere(command);
  switch (command.name) {
    case 'tune':
      return radio!.retune(command.hz);
    case 'tune-by':
      return radio!.retuneBy(command.hz);
    case 'mode': {
      const mode = MODES.find((one): one is Mode => one === command.mode);
      if (mode === undefined)
        throw new UsageError('E_MODE', `There is no mode "${command.mode}".`, {
          hint: `Use one of ${MODES.join(', ')}.`,
        });
      await radio!.setMode(mode);
      return mode;
    }
    case 'squelch': {
      const { thresholdDb } = command;
      // As --squelch has it: a ratio from 0 up, below 0 a level.
      const kind = thresholdDb !== null && thresholdDb < 0 ? 'carrier' : 'noise';
      await radio!.change({ squelch: thresholdDb === null ? { kind: 'off' } : { kind, thresholdDb } });
      return thresholdDb;
    }
    case 'gain': {
      const source = radio!.source;
      return isTuner(source) ? source.setGain(command.db ?? 'auto') : undefined;
    }
    case 'strength':
      denoise!.strength = command.value;
      return command.value;
    case 'bypass':
      denoise!.bypass = command.on;
      return command.on;
    case 'record':
      if (command.on) return recorder!.start();
      await recorder!.end();
      return null;
    default:
      throw notHere(command);
  }
}

const notHere = ({ name }: Command): UsageError =>
  new UsageError('E_COMMAND', `"${name}" cannot be done in this session.`);
