/** What is thought of the sound: `auto` finds out whether it is music, `on` expects it, `off` denoises it like everything else. */
export const MUSIC_CHOICES = ['auto', 'on', 'off'] as const;
export type MusicChoice = (typeof MUSIC_CHOICES)[number];
