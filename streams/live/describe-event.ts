import type { LiveEvent } from './events.js';

/** An event in one or two sentences, for a reader. */
export function describeEvent(event: LiveEvent): string {
  switch (event.kind) {
    case 'source-lost': {
      const count = event.lostSamples === null ? 'Samples' : `${event.lostSamples} samples`;
      return `${count} were lost${event.estimated ? ' (by the clock)' : ''}: ${event.reason}.`;
    }
    case 'source-retry':
      return `${event.error.message} Trying again in ${seconds(event.delayMs)} s.`;
    case 'source-resumed':
      return `The source is back after ${seconds(event.silentMs)} s.`;
    case 'source-warning':
      return event.message;
    case 'outside-band':
      return `The source is at ${event.centreHz / 1e6} MHz now, where ${event.frequencyHz / 1e6} MHz is not received: silence.`;
    case 'broken-samples':
      return 'The source sends samples that are NaN, infinite or far too large: silence instead.';
    case 'digital-signal':
      return `What is received at ${event.frequencyHz / 1e6} MHz seems to be digital (DMR, P25, data): without a decoder it is only noise, and is denoised as such.`;
    case 'narrow-signal':
      return `The station swings by ${(event.deviationHz / 1000).toFixed(1)} kHz only: --bandwidth ${event.bandwidthHz / 1000}k keeps out noise and neighbours.`;
    case 'activity-began':
      return `Somebody talks on ${event.channel}, ${event.frequencyHz / 1e6} MHz.`;
    case 'activity-ended':
      return `Somebody talked on ${event.channel}, ${event.frequencyHz / 1e6} MHz, for ${event.activeSeconds.toFixed(1)} s at ${event.snrDb.toFixed(0)} dB${event.file === null ? '' : `, in ${event.file}`}.`;
    case 'channel-unreachable':
      return `The channel ${event.channel} is left out: ${event.error.message}`;
    case 'overload':
      return event.passing
        ? 'The machine does not keep up: the audio passes through undenoised.'
        : 'The machine keeps up again: the audio is denoised.';
    case 'denoiser-failed':
      return `The audio passes through undenoised from now on: ${event.error.message}`;
    case 'model-swapped':
      return `The model ${event.model ?? 'without a name'} denoises from now on.`;
    case 'swap-failed':
      return `The model was not exchanged: ${event.error.message}`;
    case 'rate':
      return `The audio has ${event.sampleRate / 1000} kHz from now on.`;
    case 'file':
      return `The recording goes on in ${event.path}.`;
    case 'output-failed':
      return `${event.error.message} The other outputs go on.`;
    case 'listener-thinned':
      return `The listener ${event.listener} is too slow: ${event.missed} items were left out for it.`;
    case 'listener-dropped':
      return `The listener ${event.listener} was detached: ${event.error.message}`;
  }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
