/** The element with an id, of the kind that it has in index.html. */
export function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`index.html has no ${kind.name} "${id}"`);
}

/** Calls with an input's value whenever it changes. */
export function onInput(id: string, act: (value: string) => void): void {
  const input = element(id, HTMLInputElement);
  input.oninput = () => act(input.value);
}
