/** The thread that runs a model: `InferenceSession.run()` blocks, so that it must not be the one with the event loop. */
import { ModelError } from '../errors.js';
import { serveWorker, Transferred } from '../threads/serve.js';
import { Inference, type InferenceMethods } from './inference.js';

let loaded: Inference | undefined;

function inference(): Inference {
  if (loaded === undefined) throw new ModelError('E_INFERENCE', 'The inference thread has no model yet.');
  return loaded;
}

serveWorker<InferenceMethods>(
  {
    async load(request) {
      loaded = await Inference.load(request);
    },
    open: (stream) => void inference().open(stream),
    async run(request) {
      const { clean, milliseconds } = await inference().run(request, true);
      return new Transferred({ clean, milliseconds }, [clean.buffer]);
    },
    async warm(request) {
      const { milliseconds } = await inference().run(request, false);
      return { milliseconds };
    },
    reset: (stream) => inference().reset(stream),
    clone: ({ stream, as }) => inference().clone(stream, as),
    close: (stream) => inference().close(stream),
  },
  () => loaded?.stop(new ModelError('E_INFERENCE', 'The model was closed.')),
);
