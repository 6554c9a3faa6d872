import type { AudioFormat } from '../../src/audio/format.js';
import { type NoiseFloors, NoiseMeter } from '../../src/audio/noise-meter.js';
import type { AlignedStretch } from './aligned-channels.js';
import type { SpectrogramPlot } from './spectrogram-plot.js';

/** What is learnt about a recording while it flows by. */
export class RecordingTally {
  private readonly meter: NoiseMeter;
  private frames = 0;

  private constructor(
    private readonly format: AudioFormat,
    private readonly plot: SpectrogramPlot | undefined,
  ) {
    this.meter = new NoiseMeter(format.sampleRate, format.channels);
  }

  /** @param plot - whether spectrograms are gathered; the drawing library is loaded only then. */
  static async create(format: AudioFormat, plot: boolean): Promise<RecordingTally> {
    if (!plot) return new RecordingTally(format, undefined);
    const { SpectrogramPlot } = await import('./spectrogram-plot.js');
    return new RecordingTally(format, new SpectrogramPlot(format.sampleRate));
  }

  add(stretch: AlignedStretch): void {
    this.frames += stretch.after[0].length;
    this.meter.add(stretch.before, stretch.after);
    this.plot?.add(stretch);
  }

  /** @returns a PNG. */
  draw(title: string): Buffer | undefined {
    return this.plot?.draw(title);
  }

  get seconds(): number {
    return this.frames / this.format.sampleRate;
  }

  get noiseFloors(): NoiseFloors | null {
    return this.meter.floors ?? null;
  }
}
