import { type RealFft, realFft } from '../../audio/fft.js';
import { meanPower } from '../../audio/metrics/levels.js';
import { TrainingError } from '../../errors.js';
import { Random } from '../../random.js';
import { keepForBabble } from './babble.js';
import { passChannel } from './channel.js';
import { ClipPicker, ClipPlayer } from './clip-player.js';
import { activePower, activeShare } from './level.js';
import type { ClipLibrary } from './library.js';
import { type RemixConfig, type RemixOptions, remixConfigSchema } from './remix-config.js';
import { drawRoom, type MeasuredRooms } from './room.js';
import { fftSizeFor, fftSizesBetween, SignalBuffer } from './signal-buffer.js';
import { addColouredNoise, applyGains, drawBand, drawEqualiser, multiplySpectra } from './spectrum.js';
import { drawMicrophone } from './synthesis/microphone.js';
import { synthesiseNoise } from './synthesis/noise.js';
import { synthesiseRumble } from './synthesis/rumble.js';
import { openSuddenly } from './synthesis/sudden.js';
import { fillNoise, fillSpeech } from './timeline.js';

/** What an example was made of. */
export interface ExampleInfo {
  /** Active speech to noise in dB; `Infinity` for speech alone, `-Infinity` for noise alone (the target is silence). */
  snrDb: number;
}

export interface RemixerOptions {
  speech: ClipLibrary;
  noise: ClipLibrary;
  /** Measured responses of rooms, for `measuredRooms`. */
  rooms?: ClipLibrary;
  /** Length of an example in samples at the libraries' rate. */
  samples: number;
  /** Any integer; with the index it decides everything about an example. */
  seed: number;
  config?: RemixOptions;
}

/** Longest room response, seconds: a decay of 0.8 s has fallen by 30 dB then. Also read before each example. */
const PRE_ROLL_SECONDS = 0.4;
/** Places in the speech that are tried for one with enough of it. */
const PLACES = 5;
/** −100 dBFS: a stretch of recording this quiet is no noise. */
const SILENT_POWER = 1e-10;

function checkLibraries(speech: ClipLibrary, noise: ClipLibrary): void {
  if (speech.sampleRate !== noise.sampleRate) {
    throw new TrainingError(
      'E_RATE',
      `Speech is held at ${speech.sampleRate} Hz and noise at ${noise.sampleRate} Hz.`,
      { hint: 'Load both libraries at the rate of the model.' },
    );
  }
  for (const [kind, library] of Object.entries({ speech, noise })) {
    if (library.clips.length > 0) continue;
    throw new TrainingError('E_NO_AUDIO', `There is no ${kind} to mix examples of.`, {
      hint: 'Give a folder with more recordings, or hold out a smaller share of them.',
    });
  }
}

/**
 * Mixes training examples out of two libraries. Example `i` of a seed is always the same, on any thread, in any
 * order. About 5 ms for 2 s at 16 kHz on one 2.5 GHz core.
 */
export class Remixer {
  readonly config: RemixConfig;
  readonly #speech: ClipPicker;
  readonly #babble: ClipPicker;
  readonly #noise: ClipPicker;
  readonly #rooms?: MeasuredRooms;
  readonly #speechPlayer: ClipPlayer;
  readonly #noisePlayer: ClipPlayer;
  readonly #fft: RealFft;
  readonly #buffers: SignalBuffer[];
  /** Signals of these lengths fill the FFT at the speeds asked for. */
  readonly #sizes: number[];
  readonly #preRoll: number;
  readonly #length: number;
  readonly #gains: Float32Array;

  /**
   * @throws {TrainingError} `E_NO_AUDIO` when a library is empty, `E_RATE` when their rates differ
   * @throws {z.ZodError} when the config is out of range
   */
  constructor(private readonly options: RemixerOptions) {
    const { speech, noise, rooms, samples } = options;
    this.config = remixConfigSchema.parse(options.config ?? {});
    checkLibraries(speech, noise);
    const { balance, babbleVoices } = this.config;
    // Speech by duration: every second counts once. Noise by its root: a two-minute recording is not 24 times the
    // variety of a five-second one. By groups, both by the fourth root.
    const pickerOf = (library: ClipLibrary, exponent: number) =>
      balance === 'group' ? new ClipPicker(library, 0.25, 'group') : new ClipPicker(library, exponent);
    const voices = keepForBabble(speech, babbleVoices);
    this.#speech = pickerOf(voices.speech, 1);
    this.#babble = babbleVoices === 0 ? this.#speech : pickerOf(voices.babble, 1);
    this.#noise = pickerOf(noise, 0.5);
    if (rooms !== undefined && rooms.clips.length > 0)
      this.#rooms = { picker: new ClipPicker(rooms, 0), player: new ClipPlayer(rooms) };
    this.#speechPlayer = new ClipPlayer(speech);
    this.#noisePlayer = new ClipPlayer(noise);
    this.#preRoll = Math.round(PRE_ROLL_SECONDS * speech.sampleRate);
    this.#length = this.#preRoll + samples;
    // Room tails that wrap around fall into the pre-roll; 512 more samples keep the equalisers' apart as well.
    this.#fft = realFft(fftSizeFor(this.#length + 512));
    this.#gains = new Float32Array(this.#fft.bins);
    const [slowest, fastest] = this.config.speed;
    this.#sizes = fftSizesBetween(slowest * this.#fft.size, fastest * this.#fft.size);
    if (this.#sizes.length === 0) this.#sizes.push(this.#fft.size);
    const longest = Math.max(this.#fft.size, ...this.#sizes);
    this.#buffers = Array.from({ length: 5 }, () => new SignalBuffer(this.#fft, longest));
  }

  /**
   * Mixes example `index`.
   *
   * @param noisy `[samples]`, overwritten: what the model hears. @param clean `[samples]`, overwritten: its target
   * @param wantedSnrDb replaces the ratio that would be drawn; all else stays
   */
  example(index: number, noisy: Float32Array, clean: Float32Array, wantedSnrDb?: number): ExampleInfo {
    const { config } = this;
    const random = new Random(this.options.seed, index);
    const kind = random.next();
    const hasSpeech = kind >= config.noiseOnly;
    const hasNoise = !hasSpeech || kind >= config.noiseOnly + config.cleanOnly;
    const drawnSnrDb = random.uniform(...config.snrDb);
    const snrDb = wantedSnrDb ?? drawnSnrDb;
    const levelDb = random.uniform(...config.levelDb);
    const narrow = random.chance(config.bandLimit);
    const muLaw = random.chance(config.muLaw) && narrow;
    const clips = random.chance(config.clipping);
    const clipAt = random.uniform(0.3, 0.9);
    const effects = { levelDb, clipAt: clips ? clipAt : undefined, muLaw };

    // Each part draws from its own sequence, so that switching one augmentation off leaves the others as they were.
    const part = (number: number) => new Random(this.options.seed, index, number);
    const channel = part(4);
    const passesMicrophone = channel.chance(config.microphone);
    const isSudden = channel.chance(config.suddenNoise);
    const [speech, late, sound, room, noise] = this.#buffers;
    const hasLate = hasSpeech && this.#makeSpeech(speech, late, room, part(1));
    if (hasNoise) this.#makeNoise(noise, sound, part(2));
    const signals = [
      ...(hasSpeech ? [speech] : []),
      ...(hasLate ? [late] : []),
      ...(hasNoise ? [noise] : []),
    ];
    if (narrow) {
      drawBand(this.#gains, this.options.speech.sampleRate, config, part(3));
      for (const signal of signals) applyGains(signal.spectrum, this.#gains);
    }
    if (passesMicrophone) {
      drawMicrophone(this.#gains, this.options.speech.sampleRate, channel);
      for (const signal of signals) applyGains(signal.spectrum, this.#gains);
    }
    for (const signal of signals) signal.toTime();
    const inside = (signal: SignalBuffer) => signal.time.subarray(this.#preRoll, this.#length);
    const [voice, tail, sounds] = [inside(speech), inside(late), inside(noise)];
    const speechPower = hasSpeech ? activePower(voice) : 0;
    const noisePower = hasNoise ? meanPower(sounds) : 0;
    // The ratio is that of the noise while it sounds.
    if (isSudden && hasNoise) openSuddenly(sounds, this.options.speech.sampleRate, channel);
    const mixed = speechPower > 0 && noisePower > 0;
    const noiseGain = mixed ? Math.sqrt(speechPower / noisePower / 10 ** (snrDb / 10)) : 1;
    if (speechPower > 0) clean.set(voice);
    else clean.fill(0);
    noisy.set(clean);
    if (hasLate) for (let i = 0; i < noisy.length; i++) noisy[i] += tail[i];
    if (noisePower > 0) for (let i = 0; i < noisy.length; i++) noisy[i] += noiseGain * sounds[i];
    passChannel(noisy, clean, effects, this.options.speech.sampleRate, config, channel);
    return { snrDb: mixed ? snrDb : speechPower > 0 ? Infinity : -Infinity };
  }

  /** Leaves the spectrum of what the target keeps in `speech`, and of late reflections in `late`; whether there are any. */
  #makeSpeech(speech: SignalBuffer, late: SignalBuffer, room: SignalBuffer, random: Random): boolean {
    const { config } = this;
    const size = this.#drawSize(random);
    const length = this.#lengthAt(size);
    for (let attempt = 0; attempt < PLACES; attempt++) {
      const place = speech.blank(size);
      fillSpeech(place, length, this.#speech, this.#speechPlayer, config, random);
      if (config.activeShare === 0) break;
      const heard = place.subarray(length - Math.min(length, this.options.samples), length);
      if (activeShare(heard) >= config.activeShare) break;
    }
    speech.toSpectrum(size);
    if (config.equaliserDb > 0) {
      drawEqualiser(this.#gains, config.equaliserDb, random);
      applyGains(speech.spectrum, this.#gains);
    }
    if (!random.chance(config.reverberation)) return false;
    const { sampleRate } = this.options.speech;
    drawRoom(room.blank(), late.blank(), this.#preRoll, sampleRate, config, random, this.#rooms);
    room.toSpectrum();
    late.toSpectrum();
    multiplySpectra(late.spectrum, late.spectrum, speech.spectrum);
    multiplySpectra(speech.spectrum, speech.spectrum, room.spectrum);
    return true;
  }

  /** Leaves the spectrum of all noise together in `total`; `work` is overwritten. */
  #makeNoise(total: SignalBuffer, work: SignalBuffer, random: Random): void {
    const { config } = this;
    const recordings = random.chance(config.secondNoise) ? 2 : 1;
    const babble = random.chance(config.babble);
    const coloured = random.chance(config.colouredNoise);
    const sum = total.spectrum;
    sum.fill(0);
    const add = (sounds: Float32Array, decibels: number) => {
      const power = meanPower(sounds);
      if (power < SILENT_POWER) return;
      work.toSpectrum(sounds.length);
      if (config.equaliserDb > 0) drawEqualiser(this.#gains, config.equaliserDb, random);
      else this.#gains.fill(1);
      applyGains(work.spectrum, this.#gains, 10 ** (decibels / 20) / Math.sqrt(power));
      for (let k = 0; k < sum.length; k++) sum[k] += work.spectrum[k];
    };
    for (let i = 0; i < recordings; i++) {
      const sounds = work.blank(this.#drawSize(random));
      fillNoise(sounds, this.#lengthAt(sounds.length), this.#noise, this.#noisePlayer, random);
      add(sounds, i === 0 ? 0 : random.uniform(-12, 0));
    }
    if (babble) {
      const sounds = work.blank(this.#drawSize(random));
      const length = this.#lengthAt(sounds.length);
      const continuous = { ...config, longPause: 0, pauseSeconds: Math.min(config.pauseSeconds, 0.2) };
      const [fewest, most] = config.babbleTalkers;
      for (let talkers = fewest + random.integer(most - fewest + 1); talkers > 0; talkers--) {
        fillSpeech(sounds, length, this.#babble, this.#speechPlayer, continuous, random);
      }
      add(sounds, random.uniform(-9, 3));
    }
    if (config.syntheticNoise > 0 && random.chance(config.syntheticNoise)) {
      const sounds = work.blank();
      synthesiseNoise(sounds.subarray(0, this.#length), this.options.speech.sampleRate, random);
      add(sounds, random.uniform(-12, 6));
    }
    if (config.rumble > 0 && random.chance(config.rumble)) {
      const sounds = work.blank();
      synthesiseRumble(sounds.subarray(0, this.#length), this.options.speech.sampleRate, random);
      add(sounds, random.uniform(-6, 12));
    }
    if (!coloured) return;
    const power = 10 ** (random.uniform(-12, 6) / 10);
    addColouredNoise(sum, this.#gains, random.uniform(0, 1), power, random);
  }

  /** Length of a signal that fills the FFT at a speed drawn from the config. */
  #drawSize(random: Random): number {
    const changed = random.chance(this.config.changedSpeed);
    const size = this.#sizes[random.integer(this.#sizes.length)];
    return changed ? size : this.#fft.size;
  }

  /** How many of the samples of such a signal sound inside the example and its pre-roll. */
  #lengthAt(size: number): number {
    return Math.min(size, Math.ceil((this.#length * size) / this.#fft.size));
  }
}
