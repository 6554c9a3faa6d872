import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';

/** True when `program` can be started. */
export function hasProgram(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

/** Why there can be no stand-in for librtlsdr on this machine; `undefined` when there can. */
export const noFakeRtlSdr: string | undefined =
  process.platform !== 'linux' ? 'only on Linux' : hasProgram('cc') ? undefined : 'no C compiler (cc)';

/** As {@link noFakeRtlSdr}, for tests that run Debian's `rtl_tcp` on it. */
export const noRtlTcp: string | undefined =
  noFakeRtlSdr ?? (hasProgram('rtl_tcp') ? undefined : 'rtl_tcp is not installed (apt-get install rtl-sdr)');

/** Compiles the stand-in; returns the folder with `librtlsdr.so.0`, for LD_LIBRARY_PATH. */
export function buildFakeRtlSdr(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fake-rtlsdr-'));
  const source = join(packageRoot, 'test/support/fake-rtlsdr.c');
  const library = join(folder, 'librtlsdr.so.0');
  execFileSync('cc', [
    '-O2',
    '-shared',
    '-fPIC',
    '-Wl,-soname,librtlsdr.so.0',
    '-o',
    library,
    source,
    '-lm',
    '-lpthread',
  ]);
  symlinkSync(library, join(folder, 'librtlsdr.so.2'));
  return folder;
}
