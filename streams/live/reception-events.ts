import type { ReceiverStatus } from '../radio/received-audio.js';
import type { LiveEventBody } from './events.js';
import type { LiveRadio } from './live-radio.js';

/** Channels 12.5 kHz apart allow a deviation of 2.5 kHz: a filter of this width passes it whole (Carson: 2 · (2.5 + 3) kHz). */
const NARROW_DEVIATION_HZ = 2_750;
const NARROW_CHANNEL_HZ = 11_000;

/** Reports from now on what goes wrong with the reception, and what could be set better. */
export function reportReception(radio: LiveRadio | undefined, report: (event: LiveEventBody) => void): void {
  if (radio === undefined) return;
  const { demodulate } = radio;
  demodulate.on('outside', (centreHz: number) =>
    report({ kind: 'outside-band', centreHz, frequencyHz: radio.frequencyHz }),
  );
  demodulate.on('broken', () => report({ kind: 'broken-samples' }));
  let wasDigital = false;
  let toldHz: number | undefined;
  demodulate.on('status', ({ isDigital, deviationHz, frequencyHz }: ReceiverStatus) => {
    if (isDigital && !wasDigital) report({ kind: 'digital-signal', frequencyHz });
    wasDigital = isDigital;
    const { bandwidthHz } = demodulate.receiver!.options;
    const isNarrow = deviationHz !== undefined && deviationHz <= NARROW_DEVIATION_HZ;
    if (!isNarrow || bandwidthHz <= NARROW_CHANNEL_HZ || frequencyHz === toldHz) return;
    toldHz = frequencyHz;
    report({ kind: 'narrow-signal', deviationHz: Math.round(deviationHz), bandwidthHz: NARROW_CHANNEL_HZ });
  });
}
