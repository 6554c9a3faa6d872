import type { Output } from './output.js';

/** Shows what is being done, where that has no measurable end. */
export interface Stages {
  show(text: string): void;
  /** Removes the line; call it whatever happens. */
  stop(): void;
}

/** One line on stderr that changes; nothing where no person is looking. */
export function startStages(output: Output, label: string): Stages {
  if (!output.interactive) return { show: () => {}, stop: () => {} };
  const clear = '\r\u001b[K';
  return {
    show: (text) => void output.stderr.write(`${clear}${label}  ${text} …`),
    stop: () => void output.stderr.write(clear),
  };
}
