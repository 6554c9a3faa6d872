/** What a model is for: voice as a radio gives it, or everything else. Each use has a champion and a candidate of its own. */
export const MODEL_USES = ['speech', 'radio'] as const;
export type ModelUse = (typeof MODEL_USES)[number];

/** The model in use, and the one that is tried beside it. */
export const MODEL_ALIASES = ['champion', 'candidate'] as const;
export type ModelAlias = (typeof MODEL_ALIASES)[number];
