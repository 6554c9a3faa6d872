import type { Command, ServerMessage, Topic } from './protocol/messages.js';

/** Where what a client subscribed to goes. */
export interface Subscriber {
  message(message: ServerMessage): void;
  /** Gives whether the frame was taken; one that was not is missing for the client, and counted. */
  frame(key: string, bytes: Uint8Array): boolean;
}

/** Something that a monitor shows: a live session, a training run, a study. */
export interface MonitorTarget {
  readonly topics: readonly Topic['topic'][];
  readonly commands: readonly Command['name'][];
  /**
   * Delivers a topic from now on. Never waits for the subscriber.
   *
   * @returns what ends it
   * @throws UsageError for what this target does not have
   */
  subscribe(topic: Topic, to: Subscriber): () => void;
  /** Carries a command out. @throws UsageError, DeviceError as the command's own function does */
  execute(command: Command): Promise<unknown>;
}
