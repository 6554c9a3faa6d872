/** Where in a session sound is taken, by the number in its frames. Runs in browsers. */
export const AUDIO_PLACES = ['received', 'denoised', 'output'] as const;
