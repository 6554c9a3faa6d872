/** The quieter sounds are brought up by this at most, so that silence is not. */
const MOST_GAIN = 8;
/** Time constant of a switch, seconds. */
const FADE_SECONDS = 0.01;

/**
 * Plays several recordings of the same length at the same time, round and round, and lets one of them be heard: they can be
 * compared at any moment, at equal loudness, for a louder one always seems the better.
 */
export class AbPlayer {
  #context: AudioContext | undefined;
  #gains = new Map<string, { node: GainNode; level: number }>();

  get isPlaying(): boolean {
    return this.#context !== undefined;
  }

  /** @param sounds WAV files by name */
  async start(sounds: ReadonlyMap<string, ArrayBuffer>, heard: string): Promise<void> {
    await this.stop();
    const context = new AudioContext();
    this.#context = context;
    const buffers = new Map<string, AudioBuffer>();
    for (const [name, bytes] of sounds) buffers.set(name, await context.decodeAudioData(bytes));
    const loudness = new Map([...buffers].map(([name, buffer]) => [name, rms(buffer)]));
    const loudest = Math.max(...loudness.values());
    const at = context.currentTime + 0.05;
    this.#gains = new Map();
    for (const [name, buffer] of buffers) {
      const node = new GainNode(context, { gain: 0 });
      const source = new AudioBufferSourceNode(context, { buffer, loop: true });
      source.connect(node).connect(context.destination);
      source.start(at);
      this.#gains.set(name, { node, level: Math.min(MOST_GAIN, loudest / loudness.get(name)!) });
    }
    // The loudest stays below full scale when the others are brought up to it.
    const peak = Math.max(...[...this.#gains.values()].map(({ level }) => level));
    for (const one of this.#gains.values()) one.level /= Math.max(1, peak / 2);
    this.hear(heard);
  }

  hear(name: string): void {
    const now = this.#context?.currentTime ?? 0;
    for (const [one, { node, level }] of this.#gains)
      node.gain.setTargetAtTime(one === name ? level : 0, now, FADE_SECONDS);
  }

  async stop(): Promise<void> {
    const context = this.#context;
    this.#context = undefined;
    await context?.close();
  }
}

function rms(buffer: AudioBuffer): number {
  const samples = buffer.getChannelData(0);
  return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 1e-12) / samples.length);
}
