import { openModel } from '../../models/open-model.js';
import type { ModelRegistry } from '../../models/registry.js';
import { MODEL_USES, type ModelUse } from '../../models/use.js';
import type { LiveModels } from '../../streams/live/live-models.js';
import type { LiveSession } from '../../streams/live/live-session.js';
import { Model } from '../engine/model.js';
import { UsageError } from '../errors.js';
import type { RetuneEvent, RetuneHistory } from '../online/retune-history.js';
import { Polled } from './polled.js';
import type { Command, Topic } from './protocol/messages.js';
import type { JudgementView, ModelsView } from './protocol/views.js';
import { soundsOf } from './sound-files.js';
import type { MonitorTarget, Subscriber } from './target.js';

export interface ModelsTargetOptions {
  registry: ModelRegistry;
  history: RetuneHistory;
  /** A running session whose models follow the champions. */
  live?: { session: LiveSession; models: LiveModels };
}

/** Judgements that are shown, and events that a client gets when it comes. */
const MOST_JUDGEMENTS = 10;
const HISTORY = 50;

/** The models of this machine, who is champion and candidate, and what retunings did: shown, promoted, rolled back. */
export class ModelsTarget implements MonitorTarget {
  readonly topics = ['models', 'events'] as const;
  readonly commands = ['promote', 'rollback'] as const;
  readonly #models: Polled<ModelsView>;
  readonly #events: Polled<RetuneEvent[]>;

  constructor(private readonly options: ModelsTargetOptions) {
    const { history } = options;
    this.#models = new Polled(() => this.#view());
    this.#events = new Polled(() => history.events().slice(-HISTORY));
  }

  subscribe({ topic }: Topic, to: Subscriber): () => void {
    if (topic === 'models') return this.#models.subscribe((models) => to.message({ type: 'models', models }));
    let told = new Set<string>();
    return this.#events.subscribe((events) => {
      const texts = new Set<string>();
      for (const event of events) {
        const text = JSON.stringify(event);
        texts.add(text);
        if (!told.has(text)) to.message({ type: 'event', of: 'retuning', time: event.time, event });
      }
      told = texts;
    });
  }

  async execute(command: Command): Promise<unknown> {
    const { registry } = this.options;
    if (command.name === 'promote') {
      const { use } = command;
      const version = registry.find(command.version, use);
      if (version === undefined)
        throw new UsageError('E_NO_VERSION', `There is no version ${command.version}.`, {
          hint: 'The models tab lists what there is.',
        });
      const before = registry.state().uses[use].champion;
      registry.promote(version, use);
      await this.#follow(use, () => before !== version && void registry.rollback(use));
    } else if (command.name === 'rollback') {
      const { use } = command;
      const before = registry.state().uses[use].champion;
      registry.rollback(use);
      await this.#follow(use, () => before !== null && registry.promote(before, use));
    } else throw new UsageError('E_COMMAND', `"${command.name}" cannot be done here.`);
    await this.#models.refresh();
    return registry.state().uses[command.use].champion;
  }

  /** Lets the session that runs take the champion; where it cannot, `undo` makes the registry say so, too. */
  async #follow(use: ModelUse, undo: () => unknown): Promise<void> {
    const { live, registry } = this.options;
    if (live === undefined || (use === 'radio' && live.session.radio === undefined)) return;
    const { session, models } = live;
    try {
      const opened = await openModel(undefined, { use, registry });
      const before = models.championOf(use);
      const kept = before.model.retain();
      try {
        models.replace(use, opened.name, await Model.fromOpened(opened));
        await session.swap().catch((error: unknown) => {
          // The slot kept the model before.
          models.replace(use, before.name, kept.retain());
          throw error;
        });
      } finally {
        await kept.release();
      }
    } catch (error) {
      undo();
      throw error;
    }
  }

  #view(): ModelsView {
    const { registry, history } = this.options;
    const { uses, versions } = registry.state();
    const events = history.events();
    const uniform = MODEL_USES.map((use) => ({ use, ...uses[use] }));
    return {
      uses: uniform,
      versions: [...versions.values()]
        .map(({ version, added, origin }) => ({ version, added, origin }))
        .reverse(),
      judgements: judgementsOf(events).slice(-MOST_JUDGEMENTS).reverse(),
    };
  }
}

function judgementsOf(events: readonly RetuneEvent[]): JudgementView[] {
  const uses = new Map<string, ModelUse>();
  for (const event of events) if (event.kind === 'started') uses.set(event.id, event.use);
  return events.flatMap((event) =>
    event.kind === 'judged'
      ? {
          ...{ id: event.id, use: uses.get(event.id) ?? null },
          ...{ verdict: event.verdict, reason: event.reason, checks: event.checks },
          sounds: [...soundsOf(event).keys()],
        }
      : [],
  );
}
