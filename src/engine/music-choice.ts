/** Whether the audio is music: `auto` decides by itself, `on` expects it, `off` denoises everything. */
export const MUSIC_CHOICES = ['auto', 'on', 'off'] as const;
export type MusicChoice = (typeof MUSIC_CHOICES)[number];
