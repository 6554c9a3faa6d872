/**
 * Our receiver, GNU Radio and rtl_fm on the same signals: `node dist/scripts/radio-table.js SPEECH.wav`, 48 kHz mono. SI-SDR
 * against the speech in 400…2500 Hz, dB. A receiver that is not installed has a dash.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { decodeAudioFile } from '../src/audio/decode.js';
import { packageRoot } from '../src/package-root.js';
import { Receiver } from '../streams/radio/receiver.js';
import type { ReceiverOptions } from '../streams/radio/receiver-options.js';
import { buildFakeRtlSdr, hasProgram, noFakeRtlSdr } from '../test/support/fake-rtlsdr.js';
import { bandSiSdr } from './radio/band-si-sdr.js';
import { AUDIO_RATE, type TableSignal, tableSignals } from './radio/table-signals.js';

const CENTRE_HZ = 100_000_000;

/** Debian's Python, which knows GNU Radio; another one of the user's may come first in the path. */
const PYTHON = '/usr/bin/python3';

interface TableRow {
  name: string;
  ours: number;
  gnuRadio: number | undefined;
  rtlFm: number | undefined;
}

/** The audio that our receiver makes of a signal, at 48 kHz. */
export function receive(signal: TableSignal, options: Partial<ReceiverOptions> = {}): Float32Array {
  const { mode, rate, offsetHz, bytes } = signal;
  const deemphasis = mode === 'wbfm' ? { deemphasisUs: 50 } : {};
  const receiver = new Receiver({
    inputRate: rate,
    centreHz: CENTRE_HZ,
    tuneHz: CENTRE_HZ + offsetHz,
    mode,
    ...deemphasis,
    ...options,
  });
  return receiver.process(bytes).audio.slice();
}

async function gnuRadio(signal: TableSignal, folder: string): Promise<Float32Array> {
  const [input, output] = [join(folder, 'signal.cu8'), join(folder, 'gnuradio.wav')];
  writeFileSync(input, signal.bytes);
  const program = join(packageRoot, 'scripts/radio/gnuradio_receive.py');
  execFileSync(PYTHON, [program, input, `${signal.rate}`, `${signal.offsetHz}`, signal.mode, output], {
    stdio: 'ignore',
  });
  return (await decodeAudioFile(output)).channels[0];
}

/** The stand-in for the dongle plays so many times faster than real time: a busy machine must not lose samples. */
const SPEED = 2;
/** rtl_fm never ends by itself: it has when nothing came for so long, and at first for longer, ms. */
const SILENT_MS = 1_500;
const START_MS = 10_000;

const RTL_FM_MODES = { wbfm: 'fm', nbfm: 'fm', am: 'am', usb: 'usb' } as const;

async function rtlFm(signal: TableSignal, folder: string, library: string): Promise<Float32Array> {
  const input = join(folder, 'signal.cu8');
  writeFileSync(input, signal.bytes);
  const wide = signal.mode === 'wbfm';
  const rate = wide ? 240_000 : 24_000;
  const words = ['-f', `${CENTRE_HZ + signal.offsetHz}`, '-M', RTL_FM_MODES[signal.mode], '-s', `${rate}`];
  const receiver = spawn('rtl_fm', [...words, ...(wide ? ['-r', `${AUDIO_RATE}`] : []), '-'], {
    env: {
      ...process.env,
      LD_LIBRARY_PATH: library,
      FAKE_RTLSDR_FILE: input,
      FAKE_RTLSDR_RATE: `${signal.rate}`,
      FAKE_RTLSDR_FREQ: `${CENTRE_HZ}`,
      FAKE_RTLSDR_END: 'hang',
      FAKE_RTLSDR_SPEED: `${SPEED}`,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const parts: Buffer[] = [];
  let patience = setTimeout(() => receiver.kill(), START_MS);
  receiver.stdout.on('data', (part: Buffer) => {
    parts.push(part);
    clearTimeout(patience);
    patience = setTimeout(() => receiver.kill(), SILENT_MS);
  });
  await once(receiver, 'close');
  clearTimeout(patience);
  const stdout = Buffer.concat(parts);
  const audio = new Int16Array(
    stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + (stdout.length & ~1)),
  );
  const factor = wide ? 1 : AUDIO_RATE / rate;
  return Float32Array.from(
    { length: audio.length * factor },
    (_, n) => audio[Math.floor(n / factor)] / 32768,
  );
}

/** Measures every signal of the table with each receiver that is installed; gives each row when it is there. */
async function* radioTable(voice: Float32Array): AsyncGenerator<TableRow> {
  const folder = mkdtempSync(join(tmpdir(), 'radio-table-'));
  const hasGnuRadio = spawnSync(PYTHON, ['-c', 'import gnuradio']).status === 0;
  const library = noFakeRtlSdr === undefined && hasProgram('rtl_fm') ? buildFakeRtlSdr() : undefined;
  const score = (audio: Float32Array) => bandSiSdr(audio, voice, { rate: AUDIO_RATE }).db;
  try {
    for (const signal of tableSignals(voice)) {
      yield {
        name: signal.name,
        ours: score(receive(signal)),
        gnuRadio: hasGnuRadio ? score(await gnuRadio(signal, folder)) : undefined,
        rtlFm: library === undefined ? undefined : score(await rtlFm(signal, folder, library)),
      };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    if (library !== undefined) rmSync(library, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [path] = process.argv.slice(2);
  const { channels } = await decodeAudioFile(path);
  const text = (db: number | undefined) => (db === undefined ? '–' : db.toFixed(1));
  console.log('| signal | ours | GNU Radio | rtl_fm |\n| --- | ---: | ---: | ---: |');
  for await (const { name, ours, gnuRadio, rtlFm } of radioTable(channels[0]))
    console.log(`| ${name} | ${text(ours)} | ${text(gnuRadio)} | ${text(rtlFm)} |`);
}
