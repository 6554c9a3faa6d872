import { DeviceError } from '../../src/errors.js';
import type { DirectSampling } from './tuner.js';

/** What librtlsdr knows of a tuner chip. Gains from its sources, in tenths of a dB; ranges from its README and data sheets. */
interface TunerChip {
  name: string;
  range: readonly [number, number];
  gains: readonly number[];
}

const R82XX = [
  0, 9, 14, 27, 37, 77, 87, 125, 144, 157, 166, 197, 207, 229, 254, 280, 297, 328, 338, 364, 372, 386, 402,
  421, 434, 439, 445, 480, 496,
];
const UNKNOWN: TunerChip = { name: 'unknown', range: [0, 0xffffffff], gains: [] };

/** Indexed by `enum rtlsdr_tuner`, which the greeting of rtl_tcp carries too. */
const CHIPS: readonly TunerChip[] = [
  UNKNOWN,
  {
    name: 'E4000',
    range: [52e6, 2200e6],
    gains: [-10, 15, 40, 65, 90, 115, 140, 165, 190, 215, 240, 290, 340, 420],
  },
  { name: 'FC0012', range: [22e6, 948.6e6], gains: [-99, -40, 71, 179, 192] },
  {
    name: 'FC0013',
    range: [22e6, 1100e6],
    gains: [
      -99, -73, -65, -63, -60, -58, -54, 58, 61, 63, 65, 67, 68, 70, 71, 179, 181, 182, 184, 186, 188, 191,
      197,
    ],
  },
  { name: 'FC2580', range: [146e6, 924e6], gains: [0] },
  { name: 'R820T', range: [24e6, 1766e6], gains: R82XX },
  // From 0.5 MHz: the dongles that carry an R828D (RTL-SDR Blog V4) have an up-converter for short wave.
  { name: 'R828D', range: [0.5e6, 1766e6], gains: R82XX },
];

/** The chip with the number `type`, or one of unknown name, no gains and the whole range of 32 bits. */
export function tunerChip(type: number): TunerChip {
  return CHIPS[type] ?? UNKNOWN;
}

/** Crystal of every RTL2832U dongle, Hz. */
const CRYSTAL_HZ = 28_800_000;

/** Frequencies that some tuner ends at, or direct sampling, Hz. */
export const UPPER_EDGES: readonly number[] = [CRYSTAL_HZ, ...CHIPS.map(({ range }) => range[1])];

/**
 * The rate an RTL2832U really runs at when asked for `hz`: its resampler divides the crystal by a ratio of 28 bits whose
 * low two are zero (librtlsdr, `rtlsdr_set_sample_rate`).
 *
 * @throws DeviceError outside 225 001–300 000 and 900 001–3 200 000 Hz, where the chip has no lock.
 */
export function exactSampleRate(hz: number): number {
  const possible = (hz > 225_000 && hz <= 300_000) || (hz > 900_000 && hz <= 3_200_000);
  if (!possible)
    throw new DeviceError('E_SAMPLE_RATE', `The radio cannot sample at ${hz} Hz.`, {
      hint: 'An RTL-SDR runs at 225001 to 300000 or 900001 to 3200000 Hz; 250000, 1024000 and 2400000 are good choices.',
    });
  const ratio = Math.floor((CRYSTAL_HZ * 2 ** 22) / Math.round(hz)) & 0x0ffffffc;
  const real = ratio | ((ratio & 0x08000000) << 1);
  return Math.trunc((CRYSTAL_HZ * 2 ** 22) / real);
}

/**
 * Checks a centre frequency against the tuner's range and rounds it to the hertz.
 *
 * @throws DeviceError when it lies outside.
 */
export function checkFrequency(hz: number, chip: TunerChip, directSampling: DirectSampling): number {
  const [low, high] = directSampling === 'off' ? chip.range : [0, CRYSTAL_HZ];
  if (Number.isFinite(hz) && hz >= low && hz <= high) return Math.round(hz);
  const short = hz < low && directSampling === 'off' && hz >= 0 && hz <= CRYSTAL_HZ;
  throw new DeviceError(
    'E_FREQUENCY_RANGE',
    `${hz / 1e6} MHz is out of the range of the ${chip.name} tuner, ${low / 1e6} to ${high / 1e6} MHz.`,
    {
      hint: short
        ? 'Short wave needs direct sampling (--direct-sampling q on most dongles) or an up-converter.'
        : 'Choose a frequency in that range.',
    },
  );
}

/** Index of the gain nearest to `db` in `tenths` (tenths of a dB). */
export function nearestGain(db: number, tenths: readonly number[]): number {
  let best = 0;
  for (let i = 1; i < tenths.length; i++)
    if (Math.abs(tenths[i]! - db * 10) < Math.abs(tenths[best]! - db * 10)) best = i;
  return best;
}

/** Number that librtlsdr gives each input for direct sampling. */
export const DIRECT_SAMPLING: readonly DirectSampling[] = ['off', 'i', 'q'];
export type { TunerChip };
