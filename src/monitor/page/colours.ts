/** Colours of a waterfall, `[256]` as RGBA words: black over blue, red and yellow to white, of rising lightness. */
export const COLOURS: Uint32Array = (() => {
  const stops = [
    [0, 0, 4],
    [40, 11, 84],
    [101, 21, 110],
    [159, 42, 99],
    [212, 72, 66],
    [245, 125, 21],
    [250, 193, 39],
    [252, 255, 164],
  ];
  const words = new Uint32Array(256);
  for (let n = 0; n < 256; n++) {
    const at = (n / 255) * (stops.length - 1);
    const from = Math.min(stops.length - 2, Math.floor(at));
    const [r, g, b] = stops[from].map((value, k) =>
      Math.round(value + (stops[from + 1][k] - value) * (at - from)),
    );
    words[n] = 0xff000000 | (b << 16) | (g << 8) | r;
  }
  return words;
})();
