import type { LiveEvent } from '../../streams/live/events.js';
import type { LiveSession } from '../../streams/live/live-session.js';
import { MODES, type Mode } from '../../streams/radio/modes.js';
import type { AudioChunk } from '../audio/chunk.js';
import { toDenoiseError, UsageError } from '../errors.js';
import { encodeAudioFrame, packSamples } from '../web/audio-frame.js';
import { OpusPacketEncoder } from '../web/opus-packets.js';
import { AUDIO_PLACES, type Command, type Topic, topicKey } from './protocol/messages.js';
import { SpectrumEncoder } from './protocol/spectrum-codec.js';
import type { MonitorTarget, Subscriber } from './target.js';

/** Items that wait for the event loop at most; a client's own backlog is bounded by its connection. */
const QUEUE = 32;
/** Events that a client gets when it comes. */
const HISTORY = 50;

/** A live session, as the monitor shows it. */
export class LiveTarget implements MonitorTarget {
  readonly topics = ['audio', 'spectrum', 'levels', 'status', 'events'] as const;
  readonly commands: readonly Command['name'][];
  readonly #history: LiveEvent[] = [];

  constructor(private readonly session: LiveSession) {
    this.commands = [
      ...(session.radio === undefined ? [] : (['tune', 'tune-by', 'mode'] as const)),
      ...(session.denoise === undefined ? [] : (['strength', 'bypass'] as const)),
    ];
    session.attach(
      (event) => {
        this.#history.push(event);
        if (this.#history.length > HISTORY) this.#history.shift();
      },
      { what: 'events', name: 'monitor history' },
    );
  }

  subscribe(topic: Topic, to: Subscriber): () => void {
    const { session } = this;
    const common = { name: `monitor ${topicKey(topic)}`, budget: { queue: QUEUE, load: 1 } };
    switch (topic.topic) {
      case 'audio': {
        const send = audioSender(topic, to);
        return detacher(
          session.attach((chunk, missed) => send(chunk, missed), { what: topic.place, ...common }),
        );
      }
      case 'spectrum': {
        const { of, size, perSecond } = topic;
        const encoder = new SpectrumEncoder(of);
        const key = topicKey(topic);
        return detacher(
          session.attach(
            (frame) => {
              if (!to.frame(key, encoder.encode(frame))) encoder.restart();
            },
            { what: 'spectrum', of, size, perSecond, ...common },
          ),
        );
      }
      case 'levels':
        return detacher(
          session.attach((levels) => to.message({ type: 'levels', levels }), {
            what: 'levels',
            perSecond: topic.perSecond,
            ...common,
          }),
        );
      case 'status': {
        const send = () => to.message({ type: 'status', status: session.status });
        send();
        const timer = setInterval(send, 1000 / topic.perSecond).unref();
        return () => clearInterval(timer);
      }
      case 'events':
        for (const event of this.#history) to.message({ type: 'event', event });
        return detacher(
          session.attach((event) => to.message({ type: 'event', event }), { what: 'events', ...common }),
        );
    }
  }

  async execute(command: Command): Promise<unknown> {
    const { radio, denoise } = this.session;
    switch (command.name) {
      case 'tune':
        return radio?.retune(command.hz);
      case 'tune-by':
        return radio?.retuneBy(command.hz);
      case 'mode': {
        const mode = MODES.find((one): one is Mode => one === command.mode);
        if (mode === undefined)
          throw new UsageError('E_MODE', `There is no mode "${command.mode}".`, {
            hint: `Use one of ${MODES.join(', ')}.`,
          });
        await radio?.setMode(mode);
        return mode;
      }
      case 'strength':
        denoise!.strength = command.value;
        return command.value;
      case 'bypass':
        denoise!.bypass = command.on;
        return command.on;
      default:
        throw new UsageError('E_COMMAND', `"${command.name}" cannot be done in this session.`);
    }
  }
}

const detacher = (attached: { detach(): void }) => (): void => attached.detach();

/** Sends the chunks of a place as frames, and says where some are missing. @throws UsageError `E_CODEC` */
function audioSender(topic: Extract<Topic, { topic: 'audio' }>, to: Subscriber) {
  const { codec, place } = topic;
  const key = topicKey(topic);
  let sequence = 0;
  let isBroken = false;
  let opus: OpusStretches | undefined;
  const send = (chunk: AudioChunk, firstSample: number, payload: Uint8Array): void => {
    const taken = to.frame(
      key,
      encodeAudioFrame({
        codec,
        place: AUDIO_PLACES.indexOf(place),
        sequence: sequence++,
        firstSample,
        sampleRate: chunk.sampleRate,
        channels: chunk.samples.length,
        squelchShut: chunk.squelchOpen === false,
        discontinuity: isBroken,
        payload,
      }),
    );
    isBroken = !taken;
  };
  const sendOpus = (chunk: AudioChunk, isNew: boolean): void => {
    try {
      if (isNew || opus?.sampleRate !== chunk.sampleRate) opus = new OpusStretches(chunk);
      for (const [firstSample, packet] of opus.packets(chunk)) send(chunk, firstSample, packet);
    } catch (error) {
      // A source of 44.1 kHz, say: which rate a session has is known with its first chunk only.
      to.message({ type: 'error', error: toDenoiseError(error, 'Coding audio').toJSON() });
      throw error;
    }
  };
  return (chunk: AudioChunk, missed: number) => {
    const isNew = missed > 0 || chunk.discontinuity !== undefined;
    isBroken ||= isNew;
    if (codec === 'opus') sendOpus(chunk, isNew);
    else send(chunk, Number(chunk.firstSample), packSamples(chunk.samples, codec));
  };
}

/** Audio without gaps as Opus, each packet with the index of its first sample. */
class OpusStretches {
  readonly sampleRate: number;
  readonly #encoder: OpusPacketEncoder;
  #next: number;

  /** @throws UsageError `E_CODEC` */
  constructor({ sampleRate, samples, firstSample }: AudioChunk) {
    this.sampleRate = sampleRate;
    this.#encoder = new OpusPacketEncoder({ sampleRate, channels: samples.length });
    this.#next = Number(firstSample);
  }

  packets({ samples }: AudioChunk): [number, Uint8Array][] {
    return this.#encoder.encode(samples).map((packet) => {
      const first = this.#next;
      this.#next += this.#encoder.packetSamples;
      return [first, packet];
    });
  }
}
