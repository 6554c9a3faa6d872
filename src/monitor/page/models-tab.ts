import { element, make } from '../../web/page/dom.js';
import type { Command } from '../protocol/messages.js';
import type { JudgementView, ModelsView } from '../protocol/views.js';
import { AbPlayer } from './ab-player.js';
import { shortNumber } from './ticks.js';

const short = (version: string | null): string =>
  version === null ? 'the model that ships' : version.slice(0, 12);
const day = (time: string): string => new Date(time).toLocaleString();

const VERDICTS = {
  promote: ['promote', 'good'],
  reject: ['reject', 'bad'],
  inconclusive: ['does not tell', ''],
} as const;
const SOUNDS: Readonly<Record<string, string>> = {
  noisy: 'Noisy',
  champion: 'Champion',
  candidate: 'Candidate',
};

/** The models of this machine: who serves, what waits, what the gate said, and how it sounded. */
export class ModelsTab {
  readonly #player = new AbPlayer();
  #commands: readonly Command['name'][] = [];
  #shown: ModelsView | undefined;

  /** @param load the sound of a judgement as a WAV file */
  constructor(
    private readonly execute: (command: Command) => Promise<unknown>,
    private readonly refuse: (text: string) => void,
    private readonly load: (id: string, sound: string) => Promise<ArrayBuffer>,
  ) {}

  offer(commands: readonly Command['name'][]): void {
    this.#commands = commands;
    if (this.#shown !== undefined) this.show(this.#shown);
  }

  show(view: ModelsView): void {
    this.#shown = view;
    const { uses, versions, judgements } = view;
    const originOf = new Map(versions.map((one) => [one.version, one]));
    const named = (version: string | null) => {
      const entry = version === null ? undefined : originOf.get(version);
      return entry === undefined ? short(version) : `${short(version)}, ${entry.origin}, ${day(entry.added)}`;
    };
    element('uses', HTMLElement).replaceChildren(
      ...uses.map(({ use, champion, candidate, before }) =>
        make(
          'section',
          { ariaLabel: use },
          make('h2', {}, use === 'speech' ? 'Speech' : 'Voice over a radio'),
          make(
            'dl',
            {},
            ...[make('dt', {}, 'Champion'), make('dd', {}, named(champion))],
            ...[make('dt', {}, 'Candidate'), make('dd', {}, candidate === null ? 'none' : named(candidate))],
          ),
          make(
            'div',
            { className: 'group' },
            this.#button(
              `Roll back to ${short(before[0] ?? null)}`,
              { name: 'rollback', use },
              champion !== null,
            ),
            ...(candidate === null
              ? []
              : [this.#button('Promote the candidate', { name: 'promote', use, version: candidate })]),
          ),
        ),
      ),
    );
    this.#showVersions(view);
    element('judgements', HTMLElement).replaceChildren(
      ...(judgements.length === 0
        ? [make('p', { className: 'note' }, 'No candidate has been judged yet: see denoise retune.')]
        : judgements.map((judgement) => this.#judgement(judgement))),
    );
  }

  #showVersions({ uses, versions }: ModelsView): void {
    const rows = versions.map(({ version, added, origin }) =>
      make(
        'tr',
        {},
        make('td', {}, short(version)),
        make('td', {}, day(added)),
        make('td', {}, origin),
        make(
          'td',
          {},
          make(
            'div',
            { className: 'group' },
            ...uses.map(({ use, champion }) =>
              champion === version
                ? make('span', { className: 'good' }, `champion of ${use}`)
                : this.#button(`Promote for ${use}`, { name: 'promote', use, version }),
            ),
          ),
        ),
      ),
    );
    const head = make(
      'tr',
      {},
      ...['Version', 'Added', 'From', ''].map((text) => make('th', { scope: 'col' }, text)),
    );
    const none = make('caption', { className: 'note' }, 'Only the models that ship with the program.');
    element('versions', HTMLTableElement).replaceChildren(...(rows.length === 0 ? [none] : [head, ...rows]));
  }

  #button(text: string, command: Command, isEnabled = true): HTMLButtonElement {
    const button = make('button', { type: 'button', disabled: !isEnabled }, text);
    button.hidden = !this.#commands.includes(command.name);
    button.onclick = async () => {
      button.disabled = true;
      try {
        await this.execute(command);
        this.refuse('');
      } catch (error) {
        this.refuse((error as Error).message);
        button.disabled = false;
      }
    };
    return button;
  }

  #judgement({ id, use, verdict, reason, checks, sounds }: JudgementView): HTMLElement {
    const [word, tone] = VERDICTS[verdict];
    const number = (value: number | null) =>
      make('td', { className: 'number' }, value === null ? '–' : shortNumber(value));
    return make(
      'div',
      { className: 'judgement' },
      make('p', {}, make('strong', { className: tone }, word), ` · ${use ?? ''} · ${day(id)} · ${reason}`),
      make(
        'div',
        { className: 'scroll' },
        make(
          'table',
          {},
          make(
            'tr',
            {},
            make('th', { scope: 'col' }, 'Check'),
            make('th', { scope: 'col', className: 'number' }, 'Measured'),
            make('th', { scope: 'col' }, ''),
            make('th', { scope: 'col', className: 'number' }, 'Limit'),
            make('th', { scope: 'col' }, ''),
          ),
          ...checks.map(({ name, value, limit, mustBe, unit, holds }) =>
            make(
              'tr',
              {},
              make('td', {}, name),
              number(value),
              make('td', {}, `at ${mustBe}`),
              number(limit),
              make('td', { className: holds ? 'good' : 'bad' }, `${unit} ${holds ? '✓ holds' : '✗ fails'}`),
            ),
          ),
        ),
      ),
      ...(sounds.length === 0 ? [] : [this.#listening(id, sounds)]),
    );
  }

  /** Buttons for what the judgement heard: one plays at a time, from the same moment on. */
  #listening(id: string, sounds: readonly string[]): HTMLElement {
    const group = make('div', { className: 'group', role: 'radiogroup', ariaLabel: 'Listen to' });
    const buttons = sounds.map((name) => {
      const button = make(
        'button',
        { type: 'button', role: 'radio', ariaChecked: 'false' },
        SOUNDS[name] ?? name,
      );
      button.onclick = () => void choose(button, name);
      return button;
    });
    const stop = make('button', { type: 'button' }, 'Stop');
    stop.onclick = () => void end();
    group.append(make('span', { className: 'note' }, 'Listen:'), ...buttons, stop);
    let isOurs = false;
    const choose = async (button: HTMLButtonElement, name: string) => {
      for (const one of buttons) one.ariaChecked = String(one === button);
      if (isOurs && this.#player.isPlaying) {
        this.#player.hear(name);
        return;
      }
      isOurs = true;
      try {
        const loaded = new Map<string, ArrayBuffer>();
        for (const sound of sounds) loaded.set(sound, await this.load(id, sound));
        await this.#player.start(loaded, name);
      } catch (error) {
        this.refuse((error as Error).message);
        await end();
      }
    };
    const end = async () => {
      isOurs = false;
      for (const one of buttons) one.ariaChecked = 'false';
      await this.#player.stop();
    };
    return group;
  }
}
