import { UsageError } from '../errors.js';
import type { Command, Topic } from './protocol/messages.js';
import type { MonitorTarget, Subscriber } from './target.js';

/** Several targets as one: a topic is delivered by all that have it, a command carried out by the first that has it. */
export class CombinedTarget implements MonitorTarget {
  readonly topics: readonly Topic['topic'][];
  readonly commands: readonly Command['name'][];

  constructor(private readonly targets: readonly MonitorTarget[]) {
    this.topics = [...new Set(targets.flatMap(({ topics }) => topics))];
    this.commands = [...new Set(targets.flatMap(({ commands }) => commands))];
  }

  subscribe(topic: Topic, to: Subscriber): () => void {
    const having = this.targets.filter(({ topics }) => topics.includes(topic.topic));
    if (having.length === 0)
      throw new UsageError('E_TOPIC', `There is no topic "${topic.topic}" here.`, {
        hint: `Subscribe to ${this.topics.join(', ')}.`,
      });
    const ends = having.map((target) => target.subscribe(topic, to));
    return () => {
      for (const end of ends) end();
    };
  }

  async execute(command: Command): Promise<unknown> {
    const target = this.targets.find(({ commands }) => commands.includes(command.name));
    if (target !== undefined) return target.execute(command);
    throw new UsageError('E_COMMAND', `"${command.name}" cannot be done here.`);
  }
}
