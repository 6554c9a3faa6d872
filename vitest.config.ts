import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    // Two processes: onnxruntime sessions and worker threads already use both cores of a small machine.
    pool: 'forks',
    maxWorkers: 2,
  },
});
