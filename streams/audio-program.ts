import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { DeviceError } from '../src/errors.js';

/** What an audio program is asked to record or play; the samples are always raw 16-bit little-endian. */
export interface AudioRequest {
  /** Hz. */
  sampleRate: number;
  channels: number;
  /** Name of the device as the program knows it; default its default. */
  device?: string;
  /** Length of the device's buffer, seconds, where the program can be told. */
  bufferSeconds: number;
}

/** A program of the system that records from a microphone or plays to a speaker. */
export interface AudioProgram {
  command: string;
  arguments: (request: AudioRequest) => string[];
  /** Environment on top of the process's own. */
  environment?: (request: AudioRequest) => Record<string, string>;
}

const text = String;

function alsa(command: string): AudioProgram {
  return {
    command,
    arguments: ({ sampleRate, channels, device, bufferSeconds }) => [
      ...(device === undefined ? [] : ['-D', device]),
      ...['-t', 'raw', '-f', 'S16_LE', '-r', text(sampleRate), '-c', text(channels)],
      `--buffer-time=${Math.round(bufferSeconds * 1e6)}`,
      `--period-time=${Math.round((bufferSeconds * 1e6) / 4)}`,
      '-',
    ],
  };
}

function pipeWire(command: string): AudioProgram {
  return {
    command,
    arguments: ({ sampleRate, channels, device, bufferSeconds }) => [
      ...(device === undefined ? [] : ['--target', device]),
      ...['--rate', text(sampleRate), '--channels', text(channels), '--format', 's16'],
      ...['--latency', `${Math.round((bufferSeconds * 1000) / 4)}ms`, '-'],
    ],
  };
}

/** sox reads the name of the device from AUDIODEV. `-d` is the device, at the end or at the start. */
function sox(direction: 'record' | 'play'): AudioProgram {
  return {
    command: 'sox',
    arguments: ({ sampleRate, channels, bufferSeconds }) => {
      const rate = ['-r', text(sampleRate), '-c', text(channels)];
      const pcm = ['-t', 'raw', '-e', 'signed', '-b', '16', '-L', ...rate, '-'];
      const bytes = Math.max(256, Math.round((bufferSeconds / 4) * sampleRate) * channels * 2);
      const quiet = ['-q', '--buffer', text(bytes)];
      return direction === 'record' ? [...quiet, ...rate, '-d', ...pcm] : [...quiet, ...pcm, '-d'];
    },
    environment: ({ device }): Record<string, string> => (device === undefined ? {} : { AUDIODEV: device }),
  };
}

/** In the order they are tried. */
export const RECORDERS: readonly AudioProgram[] = [alsa('arecord'), sox('record'), pipeWire('pw-record')];
export const PLAYERS: readonly AudioProgram[] = [alsa('aplay'), pipeWire('pw-play'), sox('play')];

/** Whether a program is in the path. */
export function isInstalled(command: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * The first of `programs` that is installed.
 *
 * @throws DeviceError `E_NO_SOUND_PROGRAM` when there is none.
 */
export function findAudioProgram(programs: readonly AudioProgram[]): AudioProgram {
  const found = programs.find(({ command }) => isInstalled(command));
  if (found !== undefined) return found;
  const verb = programs === RECORDERS ? 'recording from the microphone' : 'playing to the speaker';
  const names = programs.map(({ command }) => command).join(', ');
  throw new DeviceError('E_NO_SOUND_PROGRAM', `There is no program for ${verb}: none of ${names}.`, {
    hint: 'Install one: apt-get install alsa-utils (Debian, Ubuntu), brew install sox (macOS).',
  });
}

/** Why an audio program ended, from the text on its error output. */
export function audioProgramError(
  command: string,
  stderr: string,
  what: 'microphone' | 'speaker',
): DeviceError {
  if (/busy/i.test(stderr))
    return new DeviceError('E_DEVICE_BUSY', `The ${what} is used by another program.`, {
      hint: 'End that program, or choose another device; arecord -L and aplay -L list them.',
    });
  if (/permission denied|not permitted/i.test(stderr))
    return new DeviceError('E_PERMISSION', `There is no permission to use the ${what}.`, {
      hint: 'Join the group audio: sudo usermod -aG audio $USER, then log in again.',
    });
  if (/no such (file|device)|no default audio device|cannot find card|unknown pcm|host is down/i.test(stderr))
    return new DeviceError('E_NO_DEVICE', `There is no ${what}, or none of that name.`, {
      hint: 'arecord -L and aplay -L list the devices; in a container, pass /dev/snd through.',
    });
  // arecord and aplay always begin with this line; it is not the reason.
  const words = stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(Playing|Recording) /.test(line));
  const last = words.at(-1)?.trim() ?? '';
  return new DeviceError('E_SOUND_PROGRAM', `${command} ended${last === '' ? '' : `: ${last}`}.`, {
    hint: `Try ${command} by hand to see what is wrong.`,
  });
}

/** Seconds of samples that a program reports as lost, `overrun!!! (at least 12.3 ms long)`, and underruns likewise; 0 for other lines. */
export function xrunSeconds(line: string): number {
  const match = /(?:over|under)run.*?at least ([\d.]+) ms/i.exec(line);
  return match === null ? 0 : Number(match[1]) / 1000;
}
