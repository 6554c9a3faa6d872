import { defineConfig } from 'vitest/config';

/** Where .ci/run wants the counts of the run as JSON; unset everywhere else. */
const report = process.env.TEST_REPORT;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    // Two processes: onnxruntime sessions and worker threads already use both cores of a small machine.
    pool: 'forks',
    maxWorkers: 2,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
});
