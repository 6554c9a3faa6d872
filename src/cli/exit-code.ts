/** Exit codes of the command line. A signal ends the program with 128 + its number, as shells expect. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** 128 + SIGHUP: the terminal was closed. */
  hungUp: 129,
  /** 128 + SIGINT. */
  interrupted: 130,
  /** 128 + SIGTERM. */
  terminated: 143,
} as const;
