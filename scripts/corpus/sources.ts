import { noiseSources, roomSources } from './noise-sources.js';
import type { CorpusSource } from './source.js';
import { speechSources } from './speech-sources.js';

/** Everything that the corpus is made of. */
export const corpusSources: readonly CorpusSource[] = [...speechSources, ...noiseSources, ...roomSources];
