import { describe, expect, it } from 'vitest';
import { deviceWorks } from '../../src/engine/device-probe.js';

describe('deviceWorks', () => {
  it('is true where a model loads, and false where it does not', async () => {
    expect(await deviceWorks('cpu')).toBe(true);
    // Core ML is there on macOS only, DirectML on Windows only.
    expect(await deviceWorks(process.platform === 'darwin' ? 'dml' : 'coreml')).toBe(false);
    expect(await deviceWorks('cpu', 'no-such-model.onnx')).toBe(false);
  });
});
