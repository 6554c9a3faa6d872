/** The element with an id, of the kind that it has in index.html. */
export function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`index.html has no ${kind.name} "${id}"`);
}

/** A new element with properties, and with elements or text in it: text, so that nothing that a server sends becomes markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  kind: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(kind), properties);
  made.append(...children);
  return made;
}

/** Calls with an input's value whenever it changes. */
export function onInput(id: string, act: (value: string) => void): void {
  const input = element(id, HTMLInputElement);
  input.oninput = () => act(input.value);
}
