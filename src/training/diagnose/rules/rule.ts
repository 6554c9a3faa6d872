import type { Finding } from '../finding.js';
import type { RunView } from '../run-view.js';

/** Looks at a run for one thing; `undefined` where it is not there. Pure, and takes any run, also an empty one. */
export type Rule = (run: RunView) => Finding | undefined;
