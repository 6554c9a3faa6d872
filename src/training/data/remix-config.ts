import { z } from 'zod';

const probability = z.number().min(0).max(1);
const range = (low: number, high: number) =>
  z
    .tuple([z.number().min(low).max(high), z.number().min(low).max(high)])
    .refine(([a, b]) => a <= b, { message: 'the lower end comes first' });

/**
 * How training examples are mixed. Every range is `[lowest, highest]`, drawn uniformly; every probability is per
 * example and 0…1. The defaults are the recipe the first models were trained with, plus rooms, narrow bands, clipping
 * and changed speed, which widen two hours of recordings to more of what users have. Settings added later are off by
 * default, so that a run stays what it was when it is resumed; docs/corpus.md has a recipe with all of them.
 */
export const remixConfigSchema = z
  .object({
    /** Ratio of active speech to noise in dB (see {@link activePower}). −30…60. */
    snrDb: range(-30, 60).default([-7, 20]),
    /** RMS of the mixture in dBFS; lowered where needed so that the peak stays under full scale. −80…0. */
    levelDb: range(-80, 0).default([-35, -5]),
    /** Probability of a second recording in the noise, 0…12 dB weaker. */
    secondNoise: probability.default(0.4),
    /** Probability of synthetic noise on top, white to pink, −12…6 dB against the recorded noise. */
    colouredNoise: probability.default(0.15),
    /** Probability of several talkers at once as part of the noise. */
    babble: probability.default(0.03),
    /** How many talkers babble. 1…20. */
    babbleTalkers: range(1, 20).default([4, 7]),
    /** Share of the voices that only babble and are never the speech: what babbles is then never a known voice. 0…0.5. */
    babbleVoices: z.number().min(0).max(0.5).default(0),
    /** Probability of a noise from a formula (hum, siren, engine, rain, wind, clicks, keyboard), −12…6 dB against the recorded one. */
    syntheticNoise: probability.default(0),
    /** Probability of mains hum or low rumble under the noise, −6…12 dB against the recorded one: it hides the rest from a model's sense of level. */
    rumble: probability.default(0),
    /** Probability that the noise begins suddenly, once or again and again. */
    suddenNoise: probability.default(0),
    /**
     * What the chance of a recording follows: its duration (speech) or the root of it (noise), or with `group` the
     * fourth root of the duration of all recordings of its speaker or source. An hour of one voice then counts
     * twice as much as four minutes of another, not fifteen times.
     */
    balance: z.enum(['duration', 'group']).default('duration'),
    /** Least share of an example of speech in which somebody speaks; other places are tried until then, five at most. 0…0.9. */
    activeShare: z.number().min(0).max(0.9).default(0),
    /** Probability of an example of noise alone; its clean target is silence. */
    noiseOnly: probability.default(0.03),
    /** Probability of an example of speech alone; input and target are equal but for what follows. */
    cleanOnly: probability.default(0.03),
    /** Largest gain and cut of the random cosine equaliser on speech and on each noise, dB. 0…20; 0 is off. */
    equaliserDb: z.number().min(0).max(20).default(7),
    /** Playing speed, pitch included, of speech and of noise: one of the speeds that the FFT gives for nothing. 0.5…2. */
    speed: range(0.5, 2).default([0.9, 1.1]),
    /** Probability of a changed speed, drawn for speech and each noise apart. */
    changedSpeed: probability.default(0.5),
    /** Probability of a long pause, 30…70 % of the example, in the speech. */
    longPause: probability.default(0.15),
    /** Longest of the ordinary pauses between two utterances, seconds. 0…5. */
    pauseSeconds: z.number().min(0).max(5).default(0.6),
    /** Probability that the speech is in a room. */
    reverberation: probability.default(0.25),
    /** Time in which the room's response falls by 60 dB, seconds. 0.05…3. */
    reverberationSeconds: range(0.05, 3).default([0.1, 0.8]),
    /** Share of the rooms that are shoeboxes by the image method; the others are decaying noise. */
    imageRooms: probability.default(0),
    /** Share of the rooms that were measured, where the training has such recordings (`rooms`). */
    measuredRooms: probability.default(0),
    /** Direct sound against the room's response in dB. −20…40. Measured rooms keep their own. */
    directToReverberantDb: range(-20, 40).default([-3, 12]),
    /** Reflections up to this long after the direct sound belong to the clean target, seconds. 0…0.4. */
    earlySeconds: z.number().min(0).max(0.4).default(0.05),
    /** Probability that everything passed a narrow channel (telephone, radio), the target too. */
    bandLimit: probability.default(0.1),
    /** Lower edge of the narrow channel, Hz. */
    bandLowHz: range(0, 1000).default([20, 400]),
    /** Upper edge of the narrow channel, Hz. */
    bandHighHz: range(500, 96_000).default([3000, 7000]),
    /** Probability that a narrow channel also quantises the mixture like a telephone (G.711 µ-law). */
    muLaw: probability.default(0.3),
    /** Probability of one microphone's response on everything, the target too. */
    microphone: probability.default(0),
    /** Probability of automatic gain control on everything, the target too. */
    agc: probability.default(0),
    /** Probability that the mixture clips, at 0.3…0.9 of its peak; the target does not. */
    clipping: probability.default(0.03),
    /** Probability of a codec of telephones and recorders on the mixture (G.711, ADPCM). */
    codec: probability.default(0),
    /** Probability that the mixture loses packets of 20 ms. */
    packetLoss: probability.default(0),
  })
  .strict()
  .refine((config) => config.noiseOnly + config.cleanOnly <= 1, {
    message: 'noiseOnly and cleanOnly together exceed 1',
  });

/** All settings, filled in. */
export type RemixConfig = z.output<typeof remixConfigSchema>;
/** Settings as a user gives them: any subset. */
export type RemixOptions = z.input<typeof remixConfigSchema>;
