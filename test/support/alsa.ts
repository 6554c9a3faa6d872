import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasProgram } from './fake-rtlsdr.js';

/** Why ALSA's file devices cannot stand in for microphone and speaker here; `undefined` when they can. */
export const noAlsa: string | undefined =
  hasProgram('arecord') && hasProgram('aplay')
    ? undefined
    : 'alsa-utils is not installed (apt-get install alsa-utils)';

/** Files that stand for the sound card: raw 16-bit samples. */
export interface FileSoundCard {
  folder: string;
  microphone: string;
  speaker: string;
  /** For ALSA_CONFIG_PATH. */
  config: string;
}

/** Makes a default ALSA device that records from one file and plays into another, as fast as it can. */
export function fileSoundCard(): FileSoundCard {
  const folder = mkdtempSync(join(tmpdir(), 'sound-card-'));
  const card = {
    folder,
    microphone: join(folder, 'microphone.raw'),
    speaker: join(folder, 'speaker.raw'),
    config: join(folder, 'asound.conf'),
  };
  writeFileSync(
    card.config,
    `pcm.nothing { type null }
pcm.!default { type file slave.pcm "nothing" file "${card.speaker}" infile "${card.microphone}" format "raw" }
`,
  );
  return card;
}
