import { describe, expect, it } from 'vitest';
import { HELP } from '../../../src/cli/live/desk.js';
import { levelBar, renderLive, spectrumLine, statusLine } from '../../../src/cli/live/view.js';
import type { LiveStatus } from '../../../streams/live/live-status.js';

const status: LiveStatus = {
  seconds: 72,
  source: { kind: 'iq', state: 'running', sampleRate: 1_024_000, lostSeconds: 0.25, retries: 1 },
  radio: {
    frequencyHz: 145_500_000,
    mode: 'nbfm',
    bandwidthHz: 16_000,
    middleHz: 0,
    squelchDb: null,
    gainsDb: [],
    levelDb: -32.1,
    snrDb: 18,
    squelchOpen: true,
    afcHz: -120,
    ctcssHz: 88.5,
    blankedPulses: 12,
    notchHz: [1_000],
    digital: false,
  },
  input: { rmsDb: -35, peakDb: -12, snrDb: 8.1 },
  output: { rmsDb: null, peakDb: null, snrDb: null },
  denoiser: {
    model: 'radio',
    strength: 0.8,
    appliedStrength: 0.8,
    bypass: false,
    music: false,
    passing: false,
    overloads: 0,
    passedThroughSeconds: 0,
    load: 0.12,
    hopMs: { p50: 1.9, p99: 3.24 },
  },
  latency: { totalMs: 74, p99Ms: 90, sourceMs: 9, ownMs: 45, sinkMs: 20, declaredMs: 41 },
  sink: { droppedSeconds: 0, underruns: 0, clippedSamples: 0 },
};
const frame = { source: 'rtlsdr', model: 'radio', message: '', width: 120 };
const picture = (changes: Partial<LiveStatus> = {}, width = 120): string =>
  renderLive({ ...status, ...changes }, { ...frame, width }).join('\n');

describe('the view of denoise live', () => {
  it('shows frequency, mode, squelch, levels, ratios, latency, load and losses', () => {
    const shown = picture();
    for (const part of [
      '145.500 000 MHz   NBFM   squelch open   channel −32.1 dBFS   SNR 18 dB   AFC −120 Hz   CTCSS 88.5 Hz',
      'model radio',
      '−35.0 dBFS',
      'over pauses  8.1 dB',
      'denoising   strength 80 of 80 %   load 12 %   hop 1.9 ms (p99 3.2)',
      'latency 74 ms (source 9, ours 45, speaker 20; p99 90)   lost 0.3 s',
      'm mode',
      '? help',
    ])
      expect(shown).toContain(part);
  });

  it('takes fewer rows than the terminal has, without the blank ones first', () => {
    const rows = (height: number) => renderLive(status, { ...frame, width: 160, message: 'Ending.', height });
    expect(rows(24)).toHaveLength(10);
    expect(rows(10)).toHaveLength(8);
    expect(rows(10).at(-1)).toContain('q quit');
    expect(rows(5)).toHaveLength(4);
    expect(rows(5)[1]).toContain('145.500 000 MHz');
    expect(rows(1)).toHaveLength(0);
  });

  it('says what is unusual', () => {
    const denoiser = status.denoiser!;
    expect(picture({ denoiser: { ...denoiser, bypass: true } })).toContain('bypassed');
    expect(picture({ denoiser: { ...denoiser, music: true } })).toContain('looks like music');
    const late = picture({ denoiser: { ...denoiser, passing: true, overloads: 2, passedThroughSeconds: 3 } });
    expect(late).toContain('PASSING THROUGH');
    expect(late).toContain('overloads 2 (3.0 s passed through)');
    expect(picture({ source: { ...status.source, state: 'retrying' } })).toContain('source retrying');
    expect(picture({ denoiser: null })).toContain('denoising off');
  });

  it('is legible at 60 columns: nothing is cut off, lines break between their parts', () => {
    const shown = picture({}, 60);
    for (const part of ['CTCSS 88.5 Hz', 'over pauses', 'hop 1.9 ms', 'lost 0.3 s', '? help'])
      expect(shown).toContain(part);
    expect(shown).not.toContain('…');
    const help = renderLive(status, { ...frame, width: 60, help: HELP });
    for (const line of HELP) expect(help).toContain(line);
  });

  it('tells of clipping', () => {
    const sink = { droppedSeconds: 0, underruns: 0, clippedSamples: 12 };
    expect(picture({ sink })).toContain('clipped 12 samples');
    const clipping = picture({ input: { rmsDb: -3, peakDb: 2, snrDb: 5 } });
    expect(clipping).toContain('CLIPPING');
    expect(picture()).not.toContain('CLIPPING');
  });

  it('draws a line of spectrum over the noise, the strongest bin of each cell', () => {
    const powerDb = new Float32Array(64).fill(-90);
    powerDb[40] = -50;
    const line = spectrumLine(powerDb, 16);
    expect([...line].map((cell) => cell !== ' ')).toEqual(Array.from({ length: 16 }, (_, n) => n === 10));
    expect(line[10]).toBe('█');
    expect(renderLive(status, { ...frame, width: 160, spectrumDb: powerDb })[2]).toHaveLength(159);
  });

  it('shows no radio where there is none', () => {
    const shown = picture({ radio: null });
    expect(shown).not.toContain('MHz');
    expect(shown).not.toContain('m mode');
  });

  it('stays within the terminal', () => {
    for (const width of [20, 40, 80])
      for (const line of picture({}, width).split('\n')) expect(line.length).toBeLessThan(width);
  });

  it('draws bars from −70 to 0 dBFS, always as wide', () => {
    expect(levelBar(0)).toBe('█'.repeat(24));
    expect(levelBar(-35)).toBe('█'.repeat(12) + '·'.repeat(12));
    expect(levelBar(null)).toBe('·'.repeat(24));
    expect(levelBar(-200)).toBe('·'.repeat(24));
    for (let db = -80; db < 5; db += 0.7) expect(levelBar(db)).toHaveLength(24);
  });

  it('says it in one line for a log', () => {
    expect(statusLine(status)).toContain('level −35.0 dBFS → – dBFS | over pauses 8.1 dB → – dB');
    expect(statusLine(status)).not.toContain('\n');
  });
});
