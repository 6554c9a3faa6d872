import { readFile } from 'node:fs/promises';
import { toDenoiseError, UsageError } from '../errors.js';

/** Reads a certificate chain and its key, PEM; `undefined` where neither is given. @throws UsageError `E_TLS` for one alone */
export async function readTlsFiles(
  certificate: string | undefined,
  key: string | undefined,
): Promise<{ certificate: Buffer; key: Buffer } | undefined> {
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined || key === undefined)
    throw new UsageError('E_TLS', 'A certificate and its key are needed together.', {
      hint: 'Give both, or neither.',
    });
  try {
    return { certificate: await readFile(certificate), key: await readFile(key) };
  } catch (error) {
    throw toDenoiseError(error, 'Reading the certificate');
  }
}
