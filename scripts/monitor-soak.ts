/**
 * One hour, or as long as asked, of a live session watched and heard in Chromium: memory of the program and of the page, gaps
 * and delay of the audio, one JSON line a minute. Arguments: minutes (default 60), recording (default assets/noisy-speech.wav).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import { packageRoot } from '../src/package-root.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** What the page tells of itself; see src/monitor/page/main.ts. */
interface PageFigures {
  delaySeconds?: number;
  report?: { waitingSeconds: number; underruns: number; skippedSamples: number };
}

/** What {@link installProbe} has seen since the last minute. */
interface Probe {
  /** How much later than the earliest frame the latest one came, by the clock of the source. */
  arrivalMs: number;
  /** Longest time for which the page's main thread did not get to a timer. */
  stallMs: number;
}

/** Runs in the page: tells late audio (the program, the machine) from a late page. */
function installProbe(): void {
  const probe: Probe = { arrivalMs: 0, stallMs: 0 };
  let earliest = Number.POSITIVE_INFINITY;
  let last = performance.now();
  const { player } = (globalThis as never as { monitor: { player: { onSamples: unknown } } }).monitor;
  player.onSamples = (stream: number, firstSample: number, samples: Float32Array, sampleRate: number) => {
    if (stream !== 1) return;
    const late = performance.now() - (1000 * (firstSample + samples.length)) / sampleRate;
    earliest = Math.min(earliest, late);
    probe.arrivalMs = Math.max(probe.arrivalMs, late - earliest);
  };
  setInterval(() => {
    const now = performance.now();
    probe.stallMs = Math.max(probe.stallMs, now - last - 20);
    last = now;
  }, 20);
  Object.assign(globalThis, { probe });
}

async function startLive(recording: string): Promise<{ child: ChildProcess; url: string }> {
  const args = [
    'live',
    '--source',
    recording,
    '--loop',
    '--out',
    'none',
    '--monitor',
    '127.0.0.1:0',
    '--json',
  ];
  const child = spawn(process.execPath, [join(packageRoot, 'bin/denoise.js'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`denoise live ended with code ${code}.`)));
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text = (text + data).slice(-10_000);
      const found = /"type":"monitor","url":"([^"]+)"/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  return { child, url };
}

function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

async function figures(page: Page, pid: number, minute: number): Promise<object> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('HeapProfiler.collectGarbage');
  await cdp.send('Performance.enable');
  const { metrics } = await cdp.send('Performance.getMetrics');
  await cdp.detach();
  const metric = (name: string) => metrics.find((one) => one.name === name)?.value ?? Number.NaN;
  const player = await page.evaluate(() => {
    const { monitor, probe } = globalThis as never as { monitor: { player: PageFigures }; probe: Probe };
    const { delaySeconds, report } = monitor.player;
    const { arrivalMs, stallMs } = probe;
    Object.assign(probe, { arrivalMs: 0, stallMs: 0 });
    return { delaySeconds, report, arrivalMs, stallMs };
  });
  return {
    minute,
    programMiB: Math.round(residentMiB(pid)),
    pageHeapMiB: Number((metric('JSHeapUsedSize') / 2 ** 20).toFixed(2)),
    nodes: metric('Nodes'),
    delayMs: Math.round(1000 * (player.delaySeconds ?? 0)),
    ...player.report,
    latestArrivalMs: Math.round(player.arrivalMs),
    longestStallMs: Math.round(player.stallMs),
    load: loadavg()[0],
  };
}

async function watch(browser: Browser, url: string, pid: number, minutes: number): Promise<void> {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.log(JSON.stringify({ pageError: error.message })));
  await page.goto(url);
  await page.waitForSelector('#state:text-is("connected")');
  await page.evaluate(installProbe);
  await page.click('#listen');
  for (let minute = 0; minute <= minutes; minute++) {
    console.log(JSON.stringify(await figures(page, pid, minute)));
    if (minute < minutes) await sleep(60_000);
  }
}

const [minutes = '60', recording = join(packageRoot, 'assets/noisy-speech.wav')] = process.argv.slice(2);
const executablePath = CHROMIUM.find((path) => existsSync(path));
if (executablePath === undefined) throw new Error('This needs chromium: apt-get install chromium.');
const { child, url } = await startLive(recording);
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'],
});
try {
  await watch(browser, url, child.pid!, Number(minutes));
} finally {
  await browser.close();
  child.kill('SIGINT');
}
