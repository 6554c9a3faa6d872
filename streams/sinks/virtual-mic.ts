import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DeviceError } from '../../src/errors.js';
import { type AudioProgram, isInstalled } from '../audio-program.js';
import { type SpeakerOptions, SpeakerSink } from './speaker.js';

const run = promisify(execFile);

/** What other programs show in their list of microphones. */
const DESCRIPTION = 'denoise';
/** Names of what is loaded, with the process that it belongs to: after kill −9 the next one clears up. */
const NAME = /\b(?:sink_name|source_name)=denoise-(?:sink|mic)-(\d+)\b/;

/** Plays into a sink of PulseAudio, or of PipeWire in its place. */
const PACAT: AudioProgram = {
  command: 'pacat',
  arguments: ({ sampleRate, channels, device, bufferSeconds }) => [
    ...['--playback', '--raw', '--format=s16le', `--rate=${sampleRate}`, `--channels=${channels}`],
    ...[`--latency-msec=${Math.round(bufferSeconds * 1000)}`, '--client-name=denoise'],
    ...(device === undefined ? [] : [`--device=${device}`]),
  ],
};

const LOOPBACKS: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  darwin:
    'Install BlackHole, play into it with --out "speaker:BlackHole 2ch", and choose it as the microphone elsewhere.',
  win32:
    'Install VB-CABLE, play into it with --out "speaker:CABLE Input", and choose CABLE Output as the microphone elsewhere.',
};

/**
 * Offers the audio to other programs as a microphone called `denoise`: a sink of PulseAudio or PipeWire that nobody hears, whose
 * monitor is a source. Both go when the sink closes.
 *
 * @throws DeviceError `E_NO_VIRTUAL_MIC` where there is no such audio server; the hint names what to use instead
 */
export async function openVirtualMic(options: Omit<SpeakerOptions, 'device'>): Promise<SpeakerSink> {
  if (process.platform !== 'linux' || !isInstalled('pactl') || !isInstalled(PACAT.command))
    throw noVirtualMic('pactl and pacat are not installed');
  await unloadLeftOver();
  const sink = `denoise-sink-${process.pid}`;
  const mic = `denoise-mic-${process.pid}`;
  const { sampleRate, channels } = options;
  const shape = [`rate=${sampleRate}`, `channels=${channels}`];
  const loaded: string[] = [];
  const unload = async () => {
    for (const id of loaded.splice(0).reverse()) await pactl('unload-module', id).catch(() => {});
  };
  try {
    loaded.push(
      await load(
        'module-null-sink',
        `sink_name=${sink}`,
        `sink_properties=device.description=${DESCRIPTION}-input`,
        ...shape,
      ),
    );
    loaded.push(
      await load(
        'module-remap-source',
        `master=${sink}.monitor`,
        `source_name=${mic}`,
        `source_properties=device.description=${DESCRIPTION}`,
      ),
    );
    return await SpeakerSink.open({ ...options, device: sink, program: PACAT, removeDevice: unload });
  } catch (error) {
    await unload();
    throw error;
  }
}

function noVirtualMic(why: string): DeviceError {
  const hint =
    LOOPBACKS[process.platform] ??
    'Start PulseAudio or PipeWire (apt-get install pipewire-pulse pulseaudio-utils), or load snd-aloop and use --out speaker:hw:Loopback.';
  const what =
    process.platform === 'linux'
      ? `There is no virtual microphone: ${why}.`
      : 'Virtual microphones are made on Linux only.';
  return new DeviceError('E_NO_VIRTUAL_MIC', what, { hint });
}

const load = (module: string, ...args: string[]): Promise<string> => pactl('load-module', module, ...args);

/** @throws DeviceError with what the audio server said */
async function pactl(...args: string[]): Promise<string> {
  try {
    return (await run('pactl', args, { env: { ...process.env, LC_ALL: 'C' } })).stdout.trim();
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw noVirtualMic(stderr.trim().split('\n').at(-1) || 'pactl failed');
  }
}

/** Unloads what processes left that did not come to do it themselves. */
async function unloadLeftOver(): Promise<void> {
  const lines = (await pactl('list', 'short', 'modules')).split('\n');
  for (const line of lines.reverse()) {
    const owner = NAME.exec(line)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) await pactl('unload-module', line.split('\t')[0]);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
