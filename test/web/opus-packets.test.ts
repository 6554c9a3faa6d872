import { OpusDecoder } from 'opus-decoder';
import { expect, it } from 'vitest';
import { OpusPacketDecoder, OpusPacketEncoder } from '../../src/web/opus-packets.js';
import { testSignal } from '../support/tiny-model.js';

it.each([8_000, 16_000, 48_000] as const)(
  'the decoder of the page hears at %i Hz what ours does',
  async (sampleRate) => {
    const encoder = new OpusPacketEncoder({ sampleRate, channels: 1 });
    const ours = new OpusPacketDecoder({ sampleRate, channels: 1 });
    const page = new OpusDecoder({ sampleRate, channels: 1 });
    await page.ready;
    const packets = encoder.encode([testSignal(sampleRate)]);
    expect(packets.length).toBe(50);
    for (const packet of packets) {
      const [expected] = ours.decode(packet);
      const [heard] = page.decodeFrame(packet).channelData;
      expect(heard.length).toBe(expected.length);
      // Ours comes as 16 bits; two builds of libopus may differ in the last ones.
      heard.forEach((value, n) => {
        if (!(Math.abs(value - expected[n]) < 1e-3)) expect.fail(`sample ${n}: ${value} and ${expected[n]}`);
      });
    }
    page.free();
  },
);
