import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Where .ci/run wants the counts of the run as JSON; unset everywhere else. */
const report = process.env.TEST_REPORT;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/property-seed.ts'],
    // Real programs, sessions and threads: seconds on an idle machine, a minute on one that trains beside them.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Some tests load onnxruntime without src/threads/no-telemetry.ts before it.
    env: {
      ORT_DISABLE_TELEMETRY: '1',
      // What was promoted on this machine is not what is tested.
      DENOISE_DATA: join(tmpdir(), 'denoise-test-without-data'),
    },
    // Two processes: onnxruntime sessions and worker threads already use both cores of a small machine.
    pool: 'forks',
    maxWorkers: 2,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
});
