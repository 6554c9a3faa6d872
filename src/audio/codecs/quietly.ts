/**
 * Runs one call of a decoder without its reports on the console: they go to stderr, which belongs to the program. The call
 * must do its work before it returns, so that nothing else can print meanwhile.
 */
export function quietly<T>(call: () => T): T {
  const report = console.error;
  console.error = () => {};
  try {
    return call();
  } finally {
    console.error = report;
  }
}
