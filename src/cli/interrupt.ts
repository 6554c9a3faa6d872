import { EXIT } from './exit-code.js';

/** Thrown through a command that Ctrl-C or SIGTERM stopped; carries the exit code, and is never shown as an error. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor(readonly exitCode: number) {
    super('The command was interrupted.');
  }
}

const EXIT_CODES = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: EXIT.hungUp };
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Turns Ctrl-C and SIGTERM into an {@link AbortSignal}, so that a command can put its things away before it ends. */
export interface Interrupts {
  /** Aborted on the first signal; `signal.reason` is an {@link Interrupted}. */
  signal: AbortSignal;
  /** Gives the signals back to Node's default handling. */
  dispose(): void;
}

/**
 * Listens for SIGINT, SIGTERM and SIGHUP. The second signal ends the process at once, whatever it is doing: a command that
 * does not stop must not hold the terminal. `process.exit` would wait for worker threads, and one that is inside native code,
 * such as a model whose graph never ends, would make it wait for ever.
 */
export function listenForInterrupts(target: NodeJS.Process = process): Interrupts {
  const controller = new AbortController();
  const handler = (signal: NodeJS.Signals): void => {
    const exitCode = EXIT_CODES[signal as keyof typeof EXIT_CODES];
    if (!controller.signal.aborted) {
      controller.abort(new Interrupted(exitCode));
      return;
    }
    // Half-written files are removed when the process exits.
    target.emit('exit', exitCode);
    dispose();
    // Nobody listens any more, so that the system's own way of ending a process takes over. A shell sees 128 + the signal.
    target.kill(target.pid, signal);
    target.kill(target.pid, 'SIGKILL');
  };
  const dispose = (): void => {
    for (const name of SIGNALS) target.off(name, handler);
  };
  for (const name of SIGNALS) target.on(name, handler);
  return { signal: controller.signal, dispose };
}
