/// <reference lib="dom" />
/** The page that cleans a microphone, in a real browser: skipped with a message where none is installed. */
import { describe, expect, it } from 'vitest';
import { launchChromium, noChromium } from '../support/chromium.js';
import { startServe } from './support.js';

describe.skipIf(noChromium !== undefined)(
  `the page of denoise serve${noChromium === undefined ? '' : ` (skipped: ${noChromium})`}`,
  () => {
    it('sends the microphone, plays what comes back, and stops', async () => {
      const serve = await startServe();
      const browser = await launchChromium();
      try {
        const page = await browser.newPage();
        const complaints: string[] = [];
        page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
        page.on('pageerror', (error) => complaints.push(error.message));
        await page.goto(serve.url);
        await page.evaluate(() => {
          const heard = [0, 0];
          Object.assign(window, { heard });
          (window as never as { player: { onSamples: unknown } }).player.onSamples = (
            stream: number,
            _first: number,
            samples: Float32Array,
          ) => {
            heard[stream] += samples.length;
          };
        });
        await page.click('#start');
        await page.waitForFunction(() =>
          (window as never as { heard: number[] }).heard.every((samples) => samples > 20_000),
        );
        await page.waitForSelector('#state:text-matches("ms to the server and back")');
        await page.click('#compare');
        await page.click('#start');
        await page.waitForSelector('#state:text("Nothing is sent any more.")');
        expect(complaints).toEqual([]);
      } finally {
        await browser.close();
      }
    });
  },
);
