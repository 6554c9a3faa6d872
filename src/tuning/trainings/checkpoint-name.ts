import type { Params } from '../distribution.js';

/** Settings that the guide names, with its letters. */
const GUIDE_LETTERS: readonly (readonly [setting: string, letters: string])[] = [
  ['batch', 'bs'],
  ['lr', 'lr'],
  ['epochs', 'ep'],
  ['optimizer', ''],
  ['schedulerPatience', 'sp'],
];

/** What the guide varies and leaves out of its names, so that 864 configurations share 216 of them. */
const MORE_LETTERS: readonly (readonly [setting: string, letters: string])[] = [
  ['schedulerFactor', 'sf'],
  ['patience', 'es'],
];

/**
 * The name of a trial's checkpoint, as in the guide: `unet1d_bs8_lr0.0001_ep50_adam_sp8.onnx`. What else the study varies follows in
 * the same way, so that no two configurations share a name.
 * @param settings all that the trial was trained with. @param params what the study chose
 */
export function checkpointName(
  family: string,
  settings: Readonly<Record<string, unknown>>,
  params: Params,
): string {
  const guide = GUIDE_LETTERS.map(
    ([setting, letters]) => `${letters}${settings[setting] ?? params[setting]}`,
  );
  const more = MORE_LETTERS.filter(([setting]) => setting in params).map(
    ([setting, letters]) => `${letters}${params[setting]}`,
  );
  const known = new Set([...GUIDE_LETTERS, ...MORE_LETTERS].map(([setting]) => setting));
  const others = Object.entries(params)
    .filter(([name]) => !known.has(name))
    .map(([name, value]) => `${name}${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`);
  return `${[family, ...guide, ...more, ...others].join('_').replace(/[^\w.+-]/g, '-')}.onnx`;
}
