/** The other side of worker-client.test.ts. Compiled code, because Node 20 runs no TypeScript in a thread. */
import { InputError } from '../../dist/src/errors.js';
import { serveWorker, Transferred } from '../../dist/src/threads/serve.js';

serveWorker({
  echo: (value) => value,
  double(samples) {
    const doubled = samples.map((sample) => 2 * sample);
    return new Transferred(doubled, [doubled.buffer]);
  },
  count(to, { progress }) {
    for (let n = 0; n < to; n++) progress(n);
    return to;
  },
  /** Blocks the thread, as native code does, until the caller aborts. */
  untilAborted(_, context) {
    context.progress('begun');
    while (!context.aborted);
    return 'aborted';
  },
  fail(kind) {
    if (kind === 'denoise')
      throw new InputError('E_EXAMPLE', 'It is broken.', {
        hint: 'Mend it.',
        cause: Object.assign(new RangeError('too far'), { cause: new InputError('E_DEEP', 'Deep down.') }),
      });
    if (kind === 'system')
      throw Object.assign(new Error('no such file'), {
        code: 'ENOENT',
        errno: -2,
        syscall: 'open',
        path: '/x',
      });
    if (kind === 'circle') {
      const error = new TypeError('round');
      error.cause = error;
      throw error;
    }
    throw 'a mere string';
  },
  cannotBeCloned: () => () => {},
  later: (milliseconds) => new Promise((resolve) => setTimeout(() => resolve('late'), milliseconds)),
  crash() {
    setImmediate(() => {
      throw new Error('out of the blue');
    });
  },
  exit: () => process.exit(7),
});
