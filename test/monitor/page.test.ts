/// <reference lib="dom" />
/** The page in a real browser: skipped with a message where none is installed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Checkpoint } from '../../models/checkpoint.js';
import { ModelRegistry } from '../../models/registry.js';
import { CombinedTarget } from '../../src/monitor/combined-target.js';
import { LiveTarget } from '../../src/monitor/live-target.js';
import { ModelsTarget } from '../../src/monitor/models-target.js';
import { Monitor } from '../../src/monitor/monitor.js';
import type { MonitorTarget } from '../../src/monitor/target.js';
import { TrainingTarget } from '../../src/monitor/training-target.js';
import { TuningTarget } from '../../src/monitor/tuning-target.js';
import { RetuneHistory } from '../../src/online/retune-history.js';
import { MemoryStorage } from '../../src/tuning/storages/memory.js';
import type { LiveSession } from '../../streams/live/live-session.js';
import { IqFileSource } from '../../streams/sources/iq-file.js';
import { launchChromium, noChromium } from '../support/chromium.js';
import { freePort } from '../support/free-port.js';
import { TRANSMISSION, transmission } from '../support/iq-fixture.js';
import { halving, rms, startLive } from '../support/live-session.js';
import { roughCheckpoint } from '../support/tiny-model.js';
import { until } from '../support/until.js';
import { type PageWindow, tapSound } from './page-window.js';
import { judged, smallStudy } from './shown.js';

const folder = mkdtempSync(join(tmpdir(), 'page-'));
const RUN = join(import.meta.dirname, '../fixtures/runs/version-0/denoise');

describe.skipIf(noChromium !== undefined)(
  `the page${noChromium === undefined ? '' : ` (skipped: ${noChromium})`}`,
  () => {
    let browser: Browser;
    let page: Page;
    let session: LiveSession;
    let monitor: Monitor;
    let target: MonitorTarget;
    let registry: ModelRegistry;
    let history: RetuneHistory;
    let port: number;
    const complaints: string[] = [];

    const startMonitor = () =>
      Monitor.start({
        listen: { host: '127.0.0.1', port },
        target,
        history,
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
      registry = new ModelRegistry(folder);
      for (const seed of [1, 2])
        registry.add(Checkpoint.parse(roughCheckpoint('unet1d-lstm', undefined, seed)), 'a test');
      history = new RetuneHistory(folder);
      judged(history, folder);
      const storage = new MemoryStorage();
      await smallStudy(storage);
      target = new CombinedTarget([
        new LiveTarget(session),
        new TrainingTarget(RUN),
        await TuningTarget.open(storage),
        new ModelsTarget({ registry, history }),
      ]);
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
      await page.evaluate(tapSound);
      await page.click('#listen');
      await page.waitForFunction(() => (window as never as PageWindow).heard.length >= 20);
      const heard = await page.evaluate(() => (window as never as PageWindow).heard);
      for (const [first, samples] of heard) {
        const original = sent.get(first);
        if (original === undefined) continue;
        samples.forEach((value, n) => {
          expect(Math.abs(value - original[n])).toBeLessThanOrEqual(1 / 65_536 + 1e-9);
        });
      }
      expect(heard.filter(([first]) => sent.has(first)).length).toBeGreaterThan(10);
      await page.waitForFunction(
        () => ((window as never as PageWindow).monitor.player.delaySeconds ?? 0) > 0,
      );
    });

    it('plays Opus, too, decoded by its own decoder', async () => {
      const sent: Float32Array[] = [];
      const attached = session.attach((chunk) => void sent.push(chunk.samples[0]), { what: 'denoised' });
      await page.selectOption('#codec', 'opus');
      await page.evaluate(tapSound);
      await page.waitForFunction(() => (window as never as PageWindow).heard.length >= 20);
      attached.detach();
      const heard = await page.evaluate(() => (window as never as PageWindow).heard);
      const packets = heard.filter(([, samples]) => samples.length === 320);
      expect(packets.length).toBeGreaterThan(10);
      // The tone, as loud as it was sent; the first packets of a decoder fade in.
      const loudness = rms(Float32Array.from(packets.slice(5).flatMap(([, samples]) => samples)));
      const original = rms(Float32Array.from(sent.flatMap((samples) => [...samples])));
      expect(Math.abs(20 * Math.log10(loudness / original))).toBeLessThan(2);
      await page.selectOption('#codec', 's16');
    });

    it('shows trainings, studies and models, each in its tab', async () => {
      await page.click('#show-training');
      expect(await page.textContent('#run-status')).toContain('step');
      await until(async () => (await ink('losses')) > 0);
      await page.keyboard.press('3');
      await page.waitForSelector('#tuning:not([hidden]) #trials tr:nth-child(13)');
      await until(async () => (await ink('history')) > 0);
      expect(await page.textContent('#importance')).toContain('lr');
      await page.focus('#show-tuning');
      await page.keyboard.press('ArrowRight');
      await page.waitForSelector('#models:not([hidden]) .judgement');
      expect(await page.textContent('#judgements')).toContain('✓ holds');
      const [newest] = [...registry.state().versions.keys()].reverse();
      await page.click('#versions tr:nth-child(2) button:text("Promote for speech")');
      await until(() => registry.state().uses.speech.champion === newest);
      await page.click('#uses button:text("Roll back to the model that ships"):enabled');
      await until(() => registry.state().uses.speech.champion === null);
      await page.click('.judgement [role="radio"]:text("Candidate")');
      await page.waitForSelector('.judgement [aria-checked="true"]:text("Candidate")');
      await page.click('.judgement [role="radio"]:text("Noisy")');
      await page.click('.judgement button:text("Stop")');
      expect(await page.textContent('#refusal')).toBe('');
      await page.click('#show-live');
    });

    it('obeys keys, but not while somebody types', async () => {
      await page.focus('#compare');
      await page.keyboard.press('b');
      await page.waitForSelector('#compare[aria-pressed="true"]');
      await page.keyboard.press('b');
      await page.keyboard.press('f');
      await page.keyboard.type('b100,05');
      await page.waitForSelector('#compare[aria-pressed="false"]');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#refusal:not(:empty)');
      await page.fill('#frequency', '100,05');
      await page.keyboard.press('Enter');
      await until(() => session.radio!.frequencyHz === 100_050_000);
      await page.waitForSelector('#refusal:empty', { state: 'attached' });
      await page.fill('#squelch', '-40');
      await page.keyboard.press('Enter');
      await until(() => session.status.radio!.squelchDb === -40);
      await page.fill('#squelch', '');
      await page.keyboard.press('Enter');
      await until(() => session.status.radio!.squelchDb === null);
      await session.radio!.retune(TRANSMISSION.tuneHz);
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
