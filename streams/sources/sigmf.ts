import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../src/errors.js';
import { checkRate, type IqEncoding, type IqLayout } from './iq-layout.js';

/** The part of a SigMF 1.x metadata file that reading the samples needs. */
const metaSchema = z.object({
  global: z.object({
    'core:datatype': z.string(),
    'core:sample_rate': z.number().optional(),
    'core:num_channels': z.number().int().optional(),
    'core:dataset': z.string().optional(),
    'core:trailing_bytes': z.number().int().nonnegative().optional(),
  }),
  captures: z
    .array(
      z.object({
        'core:sample_start': z.number().int().nonnegative().default(0),
        'core:frequency': z.number().optional(),
        'core:header_bytes': z.number().int().nonnegative().optional(),
      }),
    )
    .default([]),
});

const DATATYPE: ReadonlyMap<string, IqEncoding> = new Map([
  ['cu8', 'cu8'],
  ['ci8', 'cs8'],
  ['ci16_le', 'cs16'],
  ['ci32_le', 'cs32'],
  ['cf32_le', 'cf32'],
  ['cf64_le', 'cf64'],
]);

/**
 * Reads the layout of a SigMF recording (`.sigmf-meta` beside `.sigmf-data`; either path will do).
 *
 * @param askedRate complex samples a second, Hz, where the metadata has none or a wrong one
 * @throws InputError when the metadata is no SigMF, or of a kind that is not IQ of one channel, little-endian.
 */
export async function sigmfLayout(path: string, askedRate?: number): Promise<IqLayout> {
  const stem = path.replace(/\.sigmf-(meta|data)$/, '');
  const metaPath = `${stem}.sigmf-meta`;
  const parsed = metaSchema.safeParse(parseJson(await readFile(metaPath, 'utf8'), metaPath));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new InputError(
      'E_SIGMF',
      `${metaPath} is not SigMF metadata: ${issue?.path.join('.')} ${issue?.message}.`,
    );
  }
  const { global, captures } = parsed.data;
  const encoding = DATATYPE.get(global['core:datatype']);
  if (encoding === undefined)
    throw new InputError(
      'E_SIGMF',
      `${metaPath}: samples of type ${global['core:datatype']} cannot be read.`,
      {
        hint: `Types that can: ${[...DATATYPE.keys()].join(', ')}.`,
      },
    );
  if ((global['core:num_channels'] ?? 1) !== 1)
    throw new InputError('E_SIGMF', `${metaPath}: recordings of several channels cannot be read.`);
  const dataset = global['core:dataset'];
  const dataPath = dataset === undefined ? `${stem}.sigmf-data` : join(dirname(metaPath), dataset);
  const offset = captures[0]?.['core:header_bytes'] ?? 0;
  const { size } = await stat(dataPath);
  const bytes = Math.max(0, size - offset - (global['core:trailing_bytes'] ?? 0));
  const centres = captures
    .map((capture) => ({ firstSample: capture['core:sample_start'], hz: capture['core:frequency'] ?? 0 }))
    .sort((a, b) => a.firstSample - b.firstSample)
    .filter(({ hz }, n, all) => hz !== all[n - 1]?.hz);
  return {
    path: dataPath,
    encoding,
    sampleRate: checkRate(askedRate ?? global['core:sample_rate'], metaPath),
    centres: centres.length === 0 ? [{ firstSample: 0, hz: 0 }] : centres,
    segments: async function* () {
      yield { offset, bytes };
    },
    warnings: [],
  };
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError('E_SIGMF', `${path} is not JSON.`, { cause });
  }
}
