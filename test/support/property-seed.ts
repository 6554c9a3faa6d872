/** Property tests try the same examples in every run; `FUZZ_SEED=7` tries others. */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED ?? 1) });
