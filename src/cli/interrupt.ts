import { EXIT } from './exit-code.js';

/** Thrown through a command that Ctrl-C or SIGTERM stopped; carries the exit code, and is never shown as an error. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor(readonly exitCode: number) {
    super('The command was interrupted.');
  }
}

/** Turns Ctrl-C and SIGTERM into an {@link AbortSignal}, so that a command can put its things away before it ends. */
export interface Interrupts {
  /** Aborted on the first signal; `signal.reason` is an {@link Interrupted}. */
  signal: AbortSignal;
  /** Gives the signals back to Node's default handling. */
  dispose(): void;
}

/**
 * Listens for SIGINT, SIGTERM and SIGHUP. The second signal ends the process at once: a command that does not
 * stop must not hold the terminal.
 */
export function listenForInterrupts(target: NodeJS.Process = process): Interrupts {
  const controller = new AbortController();
  const stop = (exitCode: number) => () => {
    if (controller.signal.aborted) target.exit(exitCode);
    controller.abort(new Interrupted(exitCode));
  };
  const handlers = {
    SIGINT: stop(EXIT.interrupted),
    SIGTERM: stop(EXIT.terminated),
    SIGHUP: stop(EXIT.hungUp),
  };
  for (const [name, handler] of Object.entries(handlers)) target.on(name, handler);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const [name, handler] of Object.entries(handlers)) target.off(name, handler);
    },
  };
}
