/** One thing that an implementation of a contract must do. Give it to your test runner: `it(check.name, check.run)`. */
export interface Check {
  name: string;
  /** Throws an AssertionError when it does not hold. */
  run(): Promise<void>;
}
