/** The monitor's page: what happens where. */
import type { LiveEvent } from '../../../streams/live/events.js';
import type { LevelsFrame } from '../../../streams/live/listen-options.js';
import type { LiveStatus } from '../../../streams/live/live-status.js';
import { unpackSamples } from '../../web/audio-frame.js';
import { element, onInput } from '../../web/page/dom.js';
import { Player } from '../../web/page/player.js';
import type { Command, ServerMessage } from '../protocol/messages.js';
import { MonitorConnection } from './connection.js';
import { EventLog } from './event-log.js';
import { Graph } from './graph.js';

import { Waterfall } from './waterfall.js';

const player = new Player();
const band = new Waterfall(element('band-waterfall', HTMLCanvasElement), 'down');
const before = new Waterfall(element('before', HTMLCanvasElement), 'left');
const after = new Waterfall(element('after', HTMLCanvasElement), 'left');
const delay = new Graph(element('delay', HTMLCanvasElement));
const load = new Graph(element('load', HTMLCanvasElement));
const log = new EventLog(element('events', HTMLOListElement));
const tokenForm = element('token-form', HTMLFormElement);
const main = document.querySelector('main')!;
let status: LiveStatus | undefined;
/** Commands that the program has not answered yet. */
let commandsUnderWay = 0;

const url = new URL('ws', location.href);
url.protocol = url.protocol.replace('http', 'ws');
url.hash = '';
const connection = new MonitorConnection(url.href, 'denoise.monitor.v1', {
  state(text, isOpen) {
    element('state', HTMLElement).textContent = text;
    document.body.dataset.connected = String(isOpen);
  },
  askToken() {
    tokenForm.hidden = false;
    element('token', HTMLInputElement).focus();
  },
  welcome({ mayCommand, topics }) {
    tokenForm.hidden = true;
    main.hidden = false;
    for (const control of element('controls', HTMLElement).querySelectorAll<HTMLInputElement>(
      '#tune-form *, #strength, #bypass',
    ))
      control.disabled = !mayCommand;
    if (topics.includes('spectrum')) subscribeSpectra();
    connection.subscribe('levels', { topic: 'levels', perSecond: 10 });
    connection.subscribe('status', { topic: 'status', perSecond: 1 });
    connection.subscribe('events', { topic: 'events' });
  },
  message: receive,
  audio(frame) {
    const { place, firstSample, sampleRate } = frame;
    if (place === 0 || place === 1) player.play(place, firstSample, sampleRate, unpackSamples(frame));
  },
  spectrum(line) {
    ({ iq: band, received: before, denoised: after, output: after })[line.place].add(line);
    if (line.place === 'iq') showBand();
  },
});

function subscribeSpectra(): void {
  connection.subscribe('spectrum:received', { topic: 'spectrum', of: 'received', size: 512, perSecond: 20 });
  connection.subscribe('spectrum:denoised', { topic: 'spectrum', of: 'denoised', size: 512, perSecond: 20 });
}

function receive(message: ServerMessage): void {
  if (message.type === 'levels') showLevels(message.levels as LevelsFrame);
  else if (message.type === 'status') showStatus(message.status as LiveStatus);
  else if (message.type === 'event') log.add(message.event as LiveEvent);
  else if (message.type === 'missed')
    log.note(`This page read too slowly: ${message.count} frames of ${message.key} are missing.`);
  else if (message.type === 'error') refuse(message.error.message);
}

const decibel = (value: number | null): string => (value === null ? '–' : `${value.toFixed(1)} dB`);

function showLevels({ input, output, squelchOpen, snrDb }: LevelsFrame): void {
  const show = (name: string, value: number | null, text: string) => {
    element(`meter-${name}`, HTMLMeterElement).value = value ?? -80;
    element(`text-${name}`, HTMLOutputElement).textContent = text;
  };
  show('before', input.rmsDb, decibel(input.rmsDb));
  show('after', output.rmsDb, decibel(output.rmsDb));
  const removed =
    input.rmsDb === null || output.rmsDb === null ? null : Math.max(0, input.rmsDb - output.rmsDb);
  show('removed', removed, decibel(removed));
  if (input.rmsDb !== null && output.rmsDb !== null) player.balance(input.rmsDb, output.rmsDb);
  if (squelchOpen !== undefined)
    element('signal', HTMLElement).textContent =
      `squelch ${squelchOpen ? 'open' : 'shut'}${snrDb === undefined ? '' : `, signal over noise ${snrDb.toFixed(0)} dB`}`;
}

function showStatus(now: LiveStatus): void {
  const isFirst = status === undefined;
  status = now;
  const { radio, denoiser, latency } = now;
  element('program', HTMLElement).textContent =
    denoiser?.model === null || denoiser === null ? '' : `model ${denoiser.model}`;
  element('tune-form', HTMLFormElement).hidden = radio === null;
  element('band', HTMLElement).hidden = radio === null;
  if (radio !== null) {
    if (isFirst)
      connection.subscribe('spectrum:iq', { topic: 'spectrum', of: 'iq', size: 1024, perSecond: 10 });
    fill('frequency', (radio.frequencyHz / 1e6).toFixed(4));
    fill('mode', radio.mode);
  }
  if (denoiser !== null) {
    fill('strength', String(denoiser.strength));
    if (commandsUnderWay === 0) element('bypass', HTMLInputElement).checked = denoiser.bypass;
    load.add(denoiser.load);
    element('load-now', HTMLOutputElement).textContent = `${(100 * denoiser.load).toFixed(1)} % of real time`;
  }
  const total = (latency?.totalMs ?? 0) + 1000 * (player.delaySeconds ?? 0);
  delay.add(total);
  element('delay-now', HTMLOutputElement).textContent = `${Math.round(total)} ms`;
  const playing = player.delaySeconds;
  element('player-delay', HTMLOutputElement).textContent =
    playing === undefined ? '' : `${Math.round(1000 * playing)} ms in the browser`;
}

/** Shows a value unless somebody is just changing it: a status that was on its way would undo what was chosen. */
function fill(id: string, value: string): void {
  const control = element(id, HTMLElement) as HTMLInputElement | HTMLSelectElement;
  if (document.activeElement !== control && commandsUnderWay === 0) control.value = value;
}

function showBand(): void {
  const to = band.firstHz + band.stepHz * band.bins;
  element('band-range', HTMLOutputElement).textContent =
    `${(band.firstHz / 1e6).toFixed(3)} to ${(to / 1e6).toFixed(3)} MHz`;
}

function refuse(text: string): void {
  element('refusal', HTMLElement).textContent = text;
}

function command(wanted: Command): void {
  commandsUnderWay++;
  connection
    .command(wanted)
    .then(
      () => refuse(''),
      (error: Error) => refuse(error.message),
    )
    .finally(() => {
      commandsUnderWay--;
    });
}

async function toggleListening(): Promise<void> {
  const button = element('listen', HTMLButtonElement);
  const isOn = button.ariaPressed !== 'true';
  button.ariaPressed = String(isOn);
  for (const place of ['received', 'denoised'] as const) {
    if (isOn) connection.subscribe(`audio:${place}`, { topic: 'audio', place, codec: 's16' });
    else connection.unsubscribe(`audio:${place}`);
  }
  await (isOn ? player.start(element('volume', HTMLInputElement).valueAsNumber) : player.stop());
}

function toggleCompare(): void {
  const button = element('compare', HTMLButtonElement);
  const isBefore = button.ariaPressed !== 'true';
  button.ariaPressed = String(isBefore);
  player.hear(isBefore ? 0 : 1);
}

element('listen', HTMLButtonElement).onclick = () => void toggleListening();
element('compare', HTMLButtonElement).onclick = toggleCompare;
onInput('volume', (value) => {
  player.volume = Number(value);
});
onInput('strength', (value) => command({ name: 'strength', value: Number(value) }));
element('bypass', HTMLInputElement).onchange = (event) =>
  command({ name: 'bypass', on: (event.target as HTMLInputElement).checked });
element('mode', HTMLSelectElement).onchange = (event) =>
  command({ name: 'mode', mode: (event.target as HTMLSelectElement).value });
element('tune-form', HTMLFormElement).onsubmit = (event) => {
  event.preventDefault();
  command({ name: 'tune', hz: 1e6 * Number(element('frequency', HTMLInputElement).value.replace(',', '.')) });
};
band.canvas.onclick = ({ offsetX }) => {
  const hz = band.firstHz + (offsetX / band.canvas.clientWidth) * band.bins * band.stepHz;
  command({ name: 'tune', hz: Math.round(hz / 100) * 100 });
};
band.canvas.onkeydown = ({ key }) => {
  if (key === 'ArrowLeft' || key === 'ArrowRight')
    command({ name: 'tune-by', hz: key === 'ArrowLeft' ? -1000 : 1000 });
};
document.onkeydown = (event) => {
  if (event.key === 'b' && !(event.target instanceof HTMLInputElement)) toggleCompare();
};
tokenForm.onsubmit = (event) => {
  event.preventDefault();
  connection.open(element('token', HTMLInputElement).value);
};

/** For the browser's console, and for tests. */
Object.assign(window, { monitor: { player, connection } });

const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? undefined;
// The token must not stay in the history.
if (token !== undefined) history.replaceState(null, '', location.pathname);
connection.open(token);
