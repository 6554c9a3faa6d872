/** The monitor's page: what happens where. */
import type { LevelsFrame } from '../../../streams/live/listen-options.js';
import type { LiveStatus } from '../../../streams/live/live-status.js';
import type { AudioCodec } from '../../web/audio-frame.js';
import { element, onInput } from '../../web/page/dom.js';
import type { Command, ServerMessage, Topic } from '../protocol/messages.js';
import { MonitorConnection } from './connection.js';
import { EventLog } from './event-log.js';
import { LiveTab } from './live-tab.js';
import { ModelsTab } from './models-tab.js';
import { Sound } from './sound.js';
import { TABS, type Tab, Tabs } from './tabs.js';
import { TrainingTab } from './training-tab.js';
import { TuningTab } from './tuning-tab.js';

const url = new URL('ws', location.href);
url.protocol = url.protocol.replace('http', 'ws');
url.hash = '';

const log = new EventLog(element('events', HTMLOListElement));
const tabs = new Tabs();
const tokenForm = element('token-form', HTMLFormElement);
const sound = new Sound(url.href, (text) => log.note(text));
const execute = (command: Command) => connection.command(command);
const refuse = (text: string): void => {
  element('refusal', HTMLElement).textContent = text;
};
const live = new LiveTab(execute, sound, refuse);
const models = new ModelsTab(execute, refuse, loadSound);
const training = new TrainingTab();
const tuning = new TuningTab();
let hasBand = false;

/** The topic that a tab is about. */
const TOPIC: Readonly<Record<Tab, Topic['topic']>> = {
  live: 'audio',
  training: 'training',
  tuning: 'tuning',
  models: 'models',
};

const connection = new MonitorConnection(url.href, 'denoise.monitor.v1', {
  state(text, isOpen) {
    element('state', HTMLElement).textContent = text;
    document.body.dataset.connected = String(isOpen);
  },
  askToken() {
    tokenForm.hidden = false;
    element('token', HTMLInputElement).focus();
  },
  welcome({ commands, topics }) {
    tokenForm.hidden = true;
    document.querySelector('main')!.hidden = false;
    tabs.offer(TABS.filter((tab) => topics.includes(TOPIC[tab])));
    live.offer(commands);
    models.offer(commands);
    element('event-card', HTMLElement).hidden = !topics.includes('events');
    element('keys', HTMLElement).hidden = !topics.includes('audio');
    subscribe(topics);
  },
  message: receive,
  audio() {},
  spectrum: (line) => live.spectrum(line),
});

function subscribe(topics: readonly Topic['topic'][]): void {
  const wanted: [string, Topic][] = [
    ['spectrum:received', { topic: 'spectrum', of: 'received', size: 512, perSecond: 20 }],
    ['spectrum:denoised', { topic: 'spectrum', of: 'denoised', size: 512, perSecond: 20 }],
    ['levels', { topic: 'levels', perSecond: 10 }],
    ['status', { topic: 'status', perSecond: 1 }],
    ['events', { topic: 'events' }],
    ['models', { topic: 'models' }],
    ['training', { topic: 'training' }],
    ['tuning', { topic: 'tuning' }],
  ];
  for (const [key, topic] of wanted) if (topics.includes(topic.topic)) connection.subscribe(key, topic);
}

function receive(message: ServerMessage): void {
  switch (message.type) {
    case 'levels':
      live.levels(message.levels as LevelsFrame);
      return;
    case 'status':
      showStatus(message.status as LiveStatus, message.recording);
      return;
    case 'event':
      log.add(message);
      return;
    case 'models':
      models.show(message.models);
      return;
    case 'training':
      training.show(message.training);
      return;
    case 'tuning':
      tuning.show(message.tuning);
      return;
    case 'missed':
      log.note(`This page read too slowly: ${message.count} frames of ${message.key} are missing.`);
      return;
    case 'error':
      refuse(message.error.message);
  }
}

function showStatus(status: LiveStatus, recording: string | null): void {
  const { radio, denoiser } = status;
  element('program', HTMLElement).textContent =
    denoiser === null ? 'not denoised' : `model ${denoiser.model ?? 'without a name'}`;
  if (radio !== null && !hasBand)
    connection.subscribe('spectrum:iq', { topic: 'spectrum', of: 'iq', size: 1024, perSecond: 10 });
  hasBand ||= radio !== null;
  live.status(status, recording);
}

/** A sound that the gate heard; it needs the token where the page does. */
async function loadSound(id: string, name: string): Promise<ArrayBuffer> {
  const token = connection.token;
  const response = await fetch(`listen/${encodeURIComponent(id)}/${name}.wav`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`The sound cannot be had: ${(await response.text()).trim()}`);
  return response.arrayBuffer();
}

function listen(): Promise<void> {
  const codec = element('codec', HTMLSelectElement).value as AudioCodec;
  return sound.start(connection.token, codec, element('volume', HTMLInputElement).valueAsNumber);
}

async function toggleListening(): Promise<void> {
  const button = element('listen', HTMLButtonElement);
  const isOn = button.ariaPressed !== 'true';
  button.ariaPressed = String(isOn);
  await (isOn ? listen() : sound.stop());
}

function toggleCompare(): void {
  const button = element('compare', HTMLButtonElement);
  const isBefore = button.ariaPressed !== 'true';
  button.ariaPressed = String(isBefore);
  sound.player.hear(isBefore ? 0 : 1);
}

element('listen', HTMLButtonElement).onclick = () => void toggleListening();
element('compare', HTMLButtonElement).onclick = toggleCompare;
element('codec', HTMLSelectElement).onchange = () => {
  if (sound.isOn) void listen();
};
onInput('volume', (value) => {
  sound.player.volume = Number(value);
});
document.onkeydown = (event) => {
  const { key, target, ctrlKey, metaKey, altKey } = event;
  const isTyping =
    target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type !== 'range');
  if (isTyping || ctrlKey || metaKey || altKey) return;
  if (/^[1-9]$/.test(key)) tabs.openNumber(Number(key) - 1);
  else if (key === 'b') toggleCompare();
  else if (key === 'l') void toggleListening();
  else if (key === 'r') live.toggleRecording();
  else if (key === 'f') {
    event.preventDefault();
    element('frequency', HTMLInputElement).select();
  }
};
tokenForm.onsubmit = (event) => {
  event.preventDefault();
  connection.open(element('token', HTMLInputElement).value);
};

/** For the browser's console, and for tests. */
Object.assign(window, { monitor: { player: sound.player, sound, connection } });

const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? undefined;
// The token must not stay in the history.
if (token !== undefined) history.replaceState(null, '', location.pathname);
connection.open(token);
