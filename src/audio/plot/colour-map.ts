// Polynomials of degree 6 in the position that follow matplotlib's "magma" (van der Walt, Smith, 2015; CC0) to within 2 %.
const MAGMA: readonly (readonly number[])[] = [
  [-0.002136485, 0.25166054, 8.353717279, -27.668733086, 52.176139812, -50.768525365, 18.655705066],
  [-0.000749655, 0.677523244, -3.577719515, 14.264730781, -27.943606072, 29.046582821, -11.48977352],
  [-0.005386128, 2.494026599, 0.314467903, -13.649213188, 12.944169442, 4.234152994, -5.601961509],
];

/** 256 colours from black through purple and orange to pale yellow, evenly spaced to the eye: `[256][red, green, blue]`. */
export const magma: Uint8ClampedArray = Uint8ClampedArray.from({ length: 256 * 3 }, (_, i) => {
  const position = Math.floor(i / 3) / 255;
  return 255 * MAGMA[i % 3]!.reduceRight((sum, coefficient) => sum * position + coefficient, 0);
});

/** Eight colours that people with colour-blindness can tell apart. Source: Okabe, Ito, "Color universal design", 2008. */
export const LINE_COLOURS = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#e69f00',
  '#56b4e9',
  '#000000',
  '#b8a900',
] as const;
