/// <reference lib="dom" />
/** The page in a real browser: skipped with a message where none is installed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveTarget } from '../../src/monitor/live-target.js';
import { Monitor } from '../../src/monitor/monitor.js';
import type { LiveSession } from '../../streams/live/live-session.js';
import { IqFileSource } from '../../streams/sources/iq-file.js';
import { launchChromium, noChromium } from '../support/chromium.js';
import { freePort } from '../support/free-port.js';
import { TRANSMISSION, transmission } from '../support/iq-fixture.js';
import { halving, startLive } from '../support/live-session.js';
import { until } from '../support/until.js';

const folder = mkdtempSync(join(tmpdir(), 'page-'));

describe.skipIf(noChromium !== undefined)(
  `the page${noChromium === undefined ? '' : ` (skipped: ${noChromium})`}`,
  () => {
    let browser: Browser;
    let page: Page;
    let session: LiveSession;
    let monitor: Monitor;
    let port: number;
    const complaints: string[] = [];

    const startMonitor = () =>
      Monitor.start({
        listen: { host: '127.0.0.1', port },
        target: new LiveTarget(session),
        program: 'denoise test',
      });

    beforeAll(async () => {
      const recording = join(folder, 'band.cu8');
      const tone = Float32Array.from(
        { length: 32_000 },
        (_, n) => 0.5 * Math.sin((2 * Math.PI * 1000 * n) / 16_000),
      );
      writeFileSync(recording, transmission(tone));
      const { rate: sampleRate, centreHz } = TRANSMISSION;
      const source = await IqFileSource.open(recording, {
        sampleRate,
        centreHz,
        pace: 'realtime',
        loop: true,
      });
      ({ session } = await startLive(recording, { source, realtime: true, denoiser: halving }));
      port = await freePort();
      monitor = await startMonitor();
      browser = await launchChromium();
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      page = await context.newPage();
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
    });
    afterAll(async () => {
      await browser?.close();
      await monitor?.close(200);
      session?.stop();
      await session?.done;
      rmSync(folder, { recursive: true });
    });

    /** Sum of the pixels of a canvas. */
    const ink = (id: string) =>
      page.evaluate((name) => {
        const canvas = document.getElementById(name) as HTMLCanvasElement;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        return data.reduce((sum, value, n) => sum + (n % 4 === 3 ? 0 : value), 0);
      }, id);

    it('connects and draws what is received', async () => {
      await page.goto(monitor.pageUrl);
      await page.waitForSelector('#state:text("connected")');
      for (const id of ['band-waterfall', 'before', 'after']) {
        await until(async () => (await ink(id)) > 0);
        const first = await ink(id);
        await until(async () => (await ink(id)) !== first);
      }
      expect(await page.inputValue('#frequency')).toBe((TRANSMISSION.tuneHz / 1e6).toFixed(4));
    });

    it('plays: what is decoded is what was sent, and the sound card gets it', async () => {
      const sent = new Map<number, Float32Array>();
      session.attach((chunk) => void sent.set(Number(chunk.firstSample), chunk.samples[0]), {
        what: 'denoised',
      });
      await page.evaluate(() => {
        const heard: [number, number[]][] = [];
        Object.assign(window, { heard });
        (window as never as { monitor: { player: { onSamples: unknown } } }).monitor.player.onSamples = (
          stream: number,
          first: number,
          samples: Float32Array,
        ) => stream === 1 && heard.length < 20 && heard.push([first, [...samples]]);
      });
      await page.click('#listen');
      await page.waitForFunction(() => (window as never as { heard: unknown[] }).heard.length >= 20);
      const heard = await page.evaluate(() => (window as never as { heard: [number, number[]][] }).heard);
      for (const [first, samples] of heard) {
        const original = sent.get(first);
        if (original === undefined) continue;
        samples.forEach((value, n) => {
          expect(Math.abs(value - original[n])).toBeLessThanOrEqual(1 / 65_536 + 1e-9);
        });
      }
      expect(heard.filter(([first]) => sent.has(first)).length).toBeGreaterThan(10);
      await page.waitForFunction(
        () =>
          ((window as never as { monitor: { player: { delaySeconds?: number } } }).monitor.player
            .delaySeconds ?? 0) > 0,
      );
    });

    it('commands: strength, bypass and the frequency by a click into the waterfall', async () => {
      await page.fill('#strength', '0.5');
      await until(() => session.denoise!.strength === 0.5);
      await page.check('#bypass');
      await until(() => session.denoise!.bypass);
      const box = (await page.locator('#band-waterfall').boundingBox())!;
      await page.mouse.click(box.x + box.width * 0.75, box.y + 50);
      const wanted = TRANSMISSION.centreHz + TRANSMISSION.rate / 4;
      await until(() => Math.abs(session.radio!.frequencyHz - wanted) < 2000);
      await session.radio!.retune(TRANSMISSION.tuneHz);
    });

    it('comes back after a restart of the program, and through a hidden tab', async () => {
      await monitor.close(200);
      await page.waitForSelector('#state:not(:text("connected"))');
      monitor = await startMonitor();
      await page.waitForSelector('#state:text-is("connected")');
      const other = await page.context().newPage();
      await other.bringToFront();
      await page.bringToFront();
      await other.close();
      const before = await ink('before');
      await until(async () => (await ink('before')) !== before);
    });

    it('fits on a phone, in the dark, and says nothing on the console', async () => {
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.setViewportSize({ width: 390, height: 800 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      const shots = process.env.MONITOR_SCREENSHOTS;
      if (shots !== undefined) {
        mkdirSync(shots, { recursive: true });
        await page.screenshot({ path: join(shots, 'monitor-phone.png'), fullPage: true });
      }
      // The one complaint that is due: the connection was refused while the program restarted.
      expect(complaints.filter((text) => !/WebSocket connection .* failed/.test(text))).toEqual([]);
    });

    it('shows its words to those who listen to it: everything has a name', async () => {
      const nameless = await page.evaluate(() =>
        [...document.querySelectorAll('button, input, select, canvas, meter')]
          .filter(
            (one) =>
              !(
                one.textContent ||
                one.getAttribute('aria-label') ||
                (one as HTMLInputElement).labels?.length ||
                one.closest('.meter')
              ),
          )
          .map((one) => one.id),
      );
      expect(nameless).toEqual([]);
    });
  },
);
