import { powerToDb } from '../audio/metrics/levels.js';

/** Mean powers of the chunks of one stretch of audio: as it came, as the champion gave it, and the candidate. */
export interface ShadowPowers {
  received: readonly number[];
  champion: readonly number[];
  candidate: readonly number[];
}

/** Largest difference in level between candidate and champion, dB. */
const MOST_DRIFT_DB = 12;
/** Where the champion takes more than this off the loudest chunks, there was only noise, dB. */
const SPEECH_LOSS_DB = 6;
/** Share of the chunks that are louder than the level compared: speech, where there is any. */
const LOUDEST = 0.05;
/** −120 dBFS: below it, quiet is quiet. */
const SILENCE = 1e-12;

function loudestDb(powers: readonly number[]): number {
  const sorted = [...powers].sort((a, b) => a - b);
  return powerToDb((sorted[Math.floor((1 - LOUDEST) * (sorted.length - 1))] ?? 0) + SILENCE);
}

/**
 * How far the candidate's level is from the champion's, dB, where that is too far; else `undefined`. It may not be louder; quieter
 * only where the champion, too, found nothing to keep: to leave less of the noise is what it was trained for.
 */
export function levelDrift({ received, champion, candidate }: ShadowPowers): number | undefined {
  const championDb = loudestDb(champion);
  const drift = loudestDb(candidate) - championDb;
  const hadSpeech = championDb >= loudestDb(received) - SPEECH_LOSS_DB;
  return drift > MOST_DRIFT_DB || (hadSpeech && drift < -MOST_DRIFT_DB) ? drift : undefined;
}
