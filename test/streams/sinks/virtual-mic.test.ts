import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSink } from '../../../streams/sinks/open-sink.js';
import { hasProgram } from '../../support/fake-rtlsdr.js';
import { until } from '../../support/until.js';
import { RATE, tone } from './conformance.js';

const missing = ['pulseaudio', 'pactl', 'pacat', 'parec'].find((program) => !hasProgram(program));
const skip =
  missing === undefined
    ? undefined
    : `${missing} is not installed (apt-get install pulseaudio pulseaudio-utils)`;

const modules = () => execFileSync('pactl', ['list', 'short', 'modules'], { encoding: 'utf8' });

describe.skipIf(skip !== undefined)(`virtual microphone ${skip ?? ''}`, () => {
  const { PULSE_SERVER, PULSE_RUNTIME_PATH, PATH } = process.env;
  const folder = mkdtempSync(join(tmpdir(), 'pulse-'));
  let daemon: ChildProcess;

  beforeAll(async () => {
    const socket = join(folder, 'native');
    process.env.PULSE_SERVER = `unix:${socket}`;
    process.env.PULSE_RUNTIME_PATH = folder;
    daemon = spawn(
      'pulseaudio',
      ['-n', '--daemonize=no', '--exit-idle-time=-1', '-L', `module-native-protocol-unix socket=${socket}`],
      { stdio: 'ignore', env: { ...process.env, HOME: folder } },
    );
    await until(() => spawnSync('pactl', ['info']).status === 0);
  }, 30_000);
  afterAll(() => {
    daemon.kill();
    for (const [name, value] of Object.entries({ PULSE_SERVER, PULSE_RUNTIME_PATH }))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    rmSync(folder, { recursive: true, force: true });
  });

  it('is a microphone of its name that others record from, and is gone afterwards', async () => {
    const sink = await openSink('virtual-mic', { sampleRate: RATE, channels: 1, live: true });
    expect(execFileSync('pactl', ['list', 'sources'], { encoding: 'utf8' })).toMatch(
      /Description: denoise$/m,
    );
    const recorder = spawn('parec', [
      `--device=denoise-mic-${process.pid}`,
      ...['--raw', '--format=s16le', `--rate=${RATE}`, '--channels=1'],
    ]);
    let loudest = 0;
    recorder.stdout.on('data', (bytes: Buffer) => {
      for (let at = 0; at + 1 < bytes.length; at += 2)
        loudest = Math.max(loudest, Math.abs(bytes.readInt16LE(at)));
    });
    const second = tone(RATE / 10);
    const playing = setInterval(() => void sink.write(second), 100);
    await until(() => loudest > 1000);
    clearInterval(playing);
    recorder.kill();
    sink.end();
    await finished(sink);
    await until(() => !modules().includes('denoise'));
  });

  it('clears up what a killed process left behind', async () => {
    const gone = spawnSync('true').pid;
    execFileSync('pactl', ['load-module', 'module-null-sink', `sink_name=denoise-sink-${gone}`]);
    const sink = await openSink('virtual-mic', { sampleRate: RATE, channels: 1 });
    expect(modules()).not.toContain(`denoise-sink-${gone}`);
    sink.destroy();
    await until(() => !modules().includes('denoise'));
  });

  it('says what is missing where there is no sound server', async () => {
    process.env.PATH = folder;
    const opening = openSink('virtual-mic', { sampleRate: RATE, channels: 1 });
    process.env.PATH = PATH;
    await expect(opening).rejects.toMatchObject({ code: 'E_NO_VIRTUAL_MIC', hint: /pipewire-pulse/ });
  });
});
