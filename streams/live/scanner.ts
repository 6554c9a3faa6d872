import { EventEmitter } from 'node:events';
import { toDenoiseError } from '../../src/errors.js';
import type { ReceiverStatus } from '../radio/received-audio.js';
import type { LiveSession } from './live-session.js';
import type { RadioChannel } from './radio-options.js';

/** A channel to look at, again and again. */
export interface ScanChannel extends RadioChannel {
  name: string;
  /** Looked at also while another channel is listened to, and taken over to when somebody talks there. Default false. */
  priority?: boolean;
}

export interface ScanOptions {
  /** In turn. At least one; each with a squelch. */
  channels: readonly ScanChannel[];
  /** How long a silent channel is listened to, seconds of radio time; default 0.3, 1 where a code must be recognised. */
  dwellSeconds?: number;
  /** How long a channel that has fallen silent is kept for an answer, seconds; default 2. */
  delaySeconds?: number;
  /** The longest that one channel is listened to without a break, seconds; default without end. */
  mostSeconds?: number;
  /** How often priority channels are looked at meanwhile, seconds; default 2. */
  prioritySeconds?: number;
}

/** Somebody talked. */
export interface Activity {
  channel: ScanChannel;
  /** Radio time at which the squelch opened, seconds. */
  beganSeconds: number;
  /** Until it shut for the last time. */
  seconds: number;
  /** Highest carrier-to-noise ratio, dB. */
  snrDb: number;
}

interface ScannerEvents {
  /** Another channel is listened to. */
  channel: [ScanChannel];
  began: [ScanChannel];
  ended: [Activity];
  /** The radio cannot be tuned there: the scan leaves the channel out from now on, and ends with the last one. */
  unreachable: [ScanChannel, Error];
}

/** A code under the voice is recognised within 0.6 s. */
const CODE_DWELL_SECONDS = 1;

/**
 * Goes from channel to channel until the squelch opens, stays as long as somebody talks, and for an answer, then goes on.
 * Times are those of the radio samples, so that a recording is scanned alike at any speed.
 */
export class Scanner extends EventEmitter<ScannerEvents> {
  readonly #radio: NonNullable<LiveSession['radio']>;
  readonly #channels: readonly ScanChannel[];
  #index = -1;
  /** Channel that waits while a priority channel is looked at, and the activity there. */
  #interrupted: { index: number; activity: Activity | undefined } | undefined;
  #activity: Activity | undefined;
  #isTuning = false;
  #isHeld = false;
  #isClosed = false;
  /** Radio time at which the channel was reached, and at which it fell silent. */
  #since: number | undefined;
  #quietSince: number | undefined;
  #lookedAt = 0;
  readonly #unreachable = new Set<ScanChannel>();

  /** Begins at once. @throws TypeError when the session has no radio, or there are no channels */
  constructor(
    session: LiveSession,
    private readonly options: ScanOptions,
  ) {
    super();
    const { channels } = options;
    if (session.radio === undefined || channels.length === 0)
      throw new TypeError('A scan needs a radio, and channels.');
    this.#radio = session.radio;
    this.#channels = channels;
    this.#radio.demodulate.on('status', this.#heard);
  }

  /** The channel that is listened to; `undefined` before the first samples. */
  get channel(): ScanChannel | undefined {
    return this.#channels[this.#index];
  }

  /** While true the channel is kept, whoever talks or does not. */
  get held(): boolean {
    return this.#isHeld;
  }

  set held(held: boolean) {
    this.#isHeld = held;
  }

  /** Leaves the channel for the next one. */
  skip(): void {
    this.#isHeld = false;
    this.#next();
  }

  /** Ends the scan where it is. An activity that goes on is told as ended. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#radio.demodulate.off('status', this.#heard);
    this.#endActivity();
  }

  readonly #heard = (status: Readonly<ReceiverStatus>): void => {
    if (this.#isTuning || this.#isClosed) return;
    if (this.#index < 0) {
      this.#next();
      return;
    }
    // A tuner that moves gives samples of the old place for up to half a second.
    if (Math.round(status.frequencyHz) !== Math.round(this.#channels[this.#index].frequencyHz)) return;
    const now = this.#radio.demodulate.seconds;
    this.#since ??= now;
    if (status.squelchOpen) this.#isBusy(now, status.snrDb);
    else this.#isQuiet(now);
  };

  #isBusy(now: number, snrDb: number): void {
    const channel = this.#channels[this.#index];
    this.#quietSince = undefined;
    const before = this.#activity;
    const activity = before ?? { channel, beganSeconds: now, seconds: 0, snrDb };
    this.#activity = activity;
    activity.seconds = now - activity.beganSeconds;
    activity.snrDb = Math.max(activity.snrDb, snrDb);
    if (before === undefined) {
      this.#abandonInterrupted();
      this.#lookedAt = now;
      this.emit('began', channel);
    }
    // Who was told that it began may have left the channel.
    if (this.#isHeld || this.#activity !== activity) return;
    if (activity.seconds >= (this.options.mostSeconds ?? Number.POSITIVE_INFINITY)) this.#next();
    else this.#lookForPriority(now);
  }

  #isQuiet(now: number): void {
    if (this.#activity !== undefined) {
      this.#quietSince ??= now;
      if (now - this.#quietSince < (this.options.delaySeconds ?? 2)) {
        if (!this.#isHeld) this.#lookForPriority(now);
        return;
      }
      this.#endActivity();
      if (!this.#isHeld) this.#next();
      return;
    }
    const { dwellSeconds = this.channel!.squelchCode === undefined ? 0.3 : CODE_DWELL_SECONDS } =
      this.options;
    if (this.#isHeld || now - this.#since! < dwellSeconds) return;
    if (this.#interrupted === undefined) this.#next();
    else this.#return();
  }

  /** Looks at the next priority channel when it is time to. */
  #lookForPriority(now: number): void {
    const { prioritySeconds = 2 } = this.options;
    if (this.channel!.priority || now - this.#lookedAt < prioritySeconds) return;
    const index = this.#channels.findIndex((one) => one.priority && !this.#unreachable.has(one));
    if (index < 0) return;
    this.#interrupted = { index: this.#index, activity: this.#activity };
    this.#activity = undefined;
    this.#tune(index);
  }

  /** Nobody talks on the priority channel: back to where somebody did. */
  #return(): void {
    const { index, activity } = this.#interrupted!;
    this.#interrupted = undefined;
    this.#activity = activity;
    this.#lookedAt = this.#radio.demodulate.seconds;
    this.#tune(index);
  }

  #next(): void {
    this.#endActivity();
    this.#abandonInterrupted();
    const count = this.#channels.length;
    let index = this.#index;
    do index = (index + 1) % count;
    while (this.#unreachable.has(this.#channels[index]));
    this.#tune(index);
  }

  #endActivity(): void {
    const activity = this.#activity;
    this.#activity = undefined;
    if (activity !== undefined) this.emit('ended', activity);
  }

  #abandonInterrupted(): void {
    const activity = this.#interrupted?.activity;
    this.#interrupted = undefined;
    if (activity !== undefined) this.emit('ended', activity);
  }

  #tune(index: number): void {
    const channel = this.#channels[index];
    const stays = index === this.#index;
    this.#index = index;
    this.#since = undefined;
    this.#quietSince = undefined;
    if (stays) return;
    this.#isTuning = true;
    this.#radio.listen(channel).then(
      () => {
        this.#isTuning = false;
        if (!this.#isClosed) this.emit('channel', channel);
      },
      (error: unknown) => {
        this.#isTuning = false;
        if (this.#isClosed) return;
        this.#unreachable.add(channel);
        this.emit('unreachable', channel, toDenoiseError(error, 'Tuning'));
        if (this.#unreachable.size < this.#channels.length) this.#next();
      },
    );
  }
}
