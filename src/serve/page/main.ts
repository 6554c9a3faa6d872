/** Cleans a microphone through `denoise serve`: an example of the client in a browser. */
import { element } from '../../web/page/dom.js';
import { Player } from '../../web/page/player.js';
import { DenoiseClient } from '../client/denoise-client.js';

const player = new Player();
const token = element('token', HTMLInputElement);
const startButton = element('start', HTMLButtonElement);
const compareButton = element('compare', HTMLButtonElement);
let stop: (() => Promise<void>) | undefined;

function say(text: string): void {
  element('state', HTMLElement).textContent = text;
}

/** Opens the microphone as it is: the browser's own cleaning would come before ours. */
async function start(): Promise<() => Promise<void>> {
  const microphone = await navigator.mediaDevices.getUserMedia({
    audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  const context = new AudioContext({ latencyHint: 'interactive' });
  const { sampleRate } = context;
  let sent = 0;
  let received = 0;
  const stopAll = async () => {
    for (const track of microphone.getTracks()) track.stop();
    await context.close();
    await player.stop();
  };
  try {
    const client = await DenoiseClient.connect(location.origin.replace('http', 'ws'), {
      sampleRate,
      strength: element('strength', HTMLInputElement).valueAsNumber,
      ...(token.value === '' ? {} : { token: token.value }),
      onAudio({ samples, firstSample }) {
        received = firstSample + samples[0].length;
        meter('after', samples[0]);
        player.play(1, firstSample, sampleRate, samples);
      },
    });
    client.closed.catch((error: Error) => {
      say(error.message);
      void toggle(false);
    });
    await context.audioWorklet.addModule('capture-worklet.js');
    const capture = new AudioWorkletNode(context, 'denoise-capture', { numberOfOutputs: 0 });
    let left = 0;
    capture.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
      meter('before', data);
      player.play(0, sent, sampleRate, [data]);
      sent += data.length;
      // A microphone cannot wait: what the network does not take is left out, and the server told.
      if (client.isBehind) left += data.length;
      else {
        client.send([data], left).catch(() => {});
        left = 0;
      }
    };
    context.createMediaStreamSource(microphone).connect(capture);
    await player.start(1);
    const timer = setInterval(() => {
      const onTheWay = (1000 * (sent - received)) / sampleRate;
      const playing = 1000 * (player.delaySeconds ?? 0);
      say(
        `Cleaning. ${Math.round(onTheWay)} ms to the server and back, ${Math.round(playing)} ms to the loudspeaker.`,
      );
    }, 500);
    return async () => {
      clearInterval(timer);
      client.close();
      await stopAll();
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

function meter(name: 'before' | 'after', samples: Float32Array): void {
  const power = samples.reduce((sum, x) => sum + x * x, 1e-10) / samples.length;
  element(`meter-${name}`, HTMLMeterElement).value = 10 * Math.log10(power);
}

async function toggle(on: boolean): Promise<void> {
  startButton.disabled = true;
  try {
    if (on) stop ??= await start();
    else {
      const before = stop;
      stop = undefined;
      await before?.();
      if (before !== undefined) say('Nothing is sent any more.');
    }
  } catch (error) {
    say((error as Error).message);
    element('token-label', HTMLElement).hidden = false;
  }
  startButton.disabled = false;
  startButton.ariaPressed = String(stop !== undefined);
  startButton.textContent = stop === undefined ? 'Start' : 'Stop';
  compareButton.disabled = stop === undefined;
}

element('start-form', HTMLFormElement).onsubmit = (event) => {
  event.preventDefault();
  void toggle(stop === undefined);
};
compareButton.onclick = () => {
  const isBefore = compareButton.ariaPressed !== 'true';
  compareButton.ariaPressed = String(isBefore);
  player.hear(isBefore ? 0 : 1);
};

/** For the browser's console, and for tests. */
Object.assign(window, { player });
