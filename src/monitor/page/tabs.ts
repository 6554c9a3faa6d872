import { element } from '../../web/page/dom.js';

export const TABS = ['live', 'training', 'tuning', 'models'] as const;
export type Tab = (typeof TABS)[number];

const button = (tab: Tab): HTMLButtonElement => element(`show-${tab}`, HTMLButtonElement);

/** The tabs that there are; arrow keys go from one to the next, as screen readers expect it. */
export class Tabs {
  #shown: Tab[] = [];
  #current: Tab | undefined;

  constructor() {
    for (const tab of TABS) {
      button(tab).onclick = () => this.open(tab);
      button(tab).onkeydown = ({ key }) => {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
        if (step === undefined) return;
        const { length } = this.#shown;
        const next = this.#shown[(this.#shown.indexOf(tab) + step + length) % length];
        this.open(next);
        button(next).focus();
      };
    }
  }

  /** Offers tabs; the first one is shown unless one of them is already. */
  offer(tabs: readonly Tab[]): void {
    this.#shown = [...tabs];
    element('tabs', HTMLElement).hidden = tabs.length < 2;
    for (const tab of TABS) button(tab).hidden = !tabs.includes(tab);
    if (this.#current === undefined || !tabs.includes(this.#current)) this.open(tabs[0]);
  }

  /** Shows the n-th tab, from 0, if there are so many. */
  openNumber(n: number): void {
    if (n < this.#shown.length) this.open(this.#shown[n]);
  }

  open(open: Tab): void {
    this.#current = open;
    for (const tab of TABS) {
      const isOpen = tab === open;
      element(tab, HTMLElement).hidden = !isOpen;
      button(tab).ariaSelected = String(isOpen);
      button(tab).tabIndex = isOpen ? 0 : -1;
    }
  }
}
