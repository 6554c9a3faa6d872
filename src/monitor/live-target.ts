import type { LiveEvent } from '../../streams/live/events.js';
import type { LiveSession } from '../../streams/live/live-session.js';
import type { Recorder } from '../../streams/live/recorder.js';
import { UsageError } from '../errors.js';
import { audioSender } from './audio-sender.js';
import { executeLive, liveCommands } from './live-commands.js';
import { type Command, type ServerMessage, type Topic, topicKey } from './protocol/messages.js';
import { SpectrumEncoder } from './protocol/spectrum-codec.js';
import type { MonitorTarget, Subscriber } from './target.js';

/** Items that wait for the event loop at most; a client's own backlog is bounded by its connection. */
const QUEUE = 32;
/** Events that a client gets when it comes. */
const HISTORY = 50;

type EventMessage = Extract<ServerMessage, { type: 'event' }>;

const eventMessage = (event: LiveEvent): EventMessage => ({
  ...{ type: 'event', of: 'live', time: new Date().toISOString() },
  event,
});

/** A live session, as the monitor shows it. */
export class LiveTarget implements MonitorTarget {
  readonly topics: readonly Topic['topic'][] = ['audio', 'spectrum', 'levels', 'status', 'events'];
  readonly commands: readonly Command['name'][];
  readonly #history: EventMessage[] = [];

  /** @param recorder what the command `record` begins and ends */
  constructor(
    private readonly session: LiveSession,
    private readonly recorder?: Recorder,
  ) {
    this.commands = liveCommands(session, recorder);
    session.attach(
      (event) => {
        this.#history.push(eventMessage(event));
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
        const send = () =>
          to.message({ type: 'status', status: session.status, recording: this.recorder?.path ?? null });
        send();
        const timer = setInterval(send, 1000 / topic.perSecond).unref();
        return () => clearInterval(timer);
      }
      case 'events':
        for (const message of this.#history) to.message(message);
        return detacher(
          session.attach((event) => to.message(eventMessage(event)), { what: 'events', ...common }),
        );
      default:
        throw new UsageError('E_TOPIC', `There is no topic "${topic.topic}" here.`);
    }
  }

  execute(command: Command): Promise<unknown> {
    return executeLive(command, this.session, this.recorder);
  }
}

const detacher = (attached: { detach(): void }) => (): void => attached.detach();
