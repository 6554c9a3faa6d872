/// <reference lib="dom" />
/** What the page offers to tests; see src/monitor/page/main.ts. */
export interface PageWindow {
  monitor: { player: { delaySeconds?: number }; sound: { onSamples: unknown } };
  /** What {@link tapSound} keeps: index of the first sample, and the samples. */
  heard: [number, number[]][];
}

/** Runs in the page: keeps the next twenty pieces of sound behind the denoiser. */
export function tapSound(): void {
  const heard: [number, number[]][] = [];
  const { monitor } = Object.assign(window, { heard }) as never as PageWindow;
  monitor.sound.onSamples = (stream: number, first: number, samples: Float32Array) =>
    stream === 1 && heard.length < 20 && heard.push([first, [...samples]]);
}
