/** The option of every command that takes a model. */
export const MODEL_OPTION = '-m, --model <model>';

/** @param standard what is used where the option is left out */
export const modelHelp = (standard: string): string =>
  `name, file, run folder, version, champion or candidate; see denoise models list (default: ${standard})`;
