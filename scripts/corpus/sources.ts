/** Where a source comes from: a public repository on GitHub at a revision, or a package of Debian 12. */
export type SourceOrigin = { repository: string; revision: string } | { debian: string; version: string };

/** A source of recordings: what may be taken of it, under which licence, and who is heard. */
export interface CorpusSource {
  /** Folder name in the corpus. */
  name: string;
  kind: 'speech' | 'noise' | 'music' | 'room';
  origin: SourceOrigin;
  /** SPDX identifier, or in words; never non-commercial. */
  licence: string;
  /** The file or place in the source that says so. */
  licenceIn: string;
  /** Paths of the recordings in the source; the group `voice`, where there is one, names the speaker or kind. */
  files: RegExp;
  /** Only recordings whose path or file name stands in one of these text files of the source. */
  listedIn?: RegExp;
  /** BCP 47; speech only. With several, the group `language` of `files` tells. */
  language?: string;
  /** Speech synthesised by a program. Default false. */
  synthetic?: boolean;
  /** Recordings that stand out of their own noise by less are left out, dB. Default 28 for speech, none for the others. */
  minimumSnrDb?: number;
  /** Most of one voice, seconds. Default 1200. */
  secondsPerVoice?: number;
  /** Short recordings of a voice are joined until they are this long, seconds; 0 joins none. Default 9 for speech. */
  joinSeconds?: number;
  /** Voices or kinds that are never trained on. */
  heldOut?: RegExp;
}

const on = (repository: string, revision: string): SourceOrigin => ({ repository, revision });
const debian = (name: string, version: string): SourceOrigin => ({ debian: name, version });

const asterisk = (language: string, licence: string): CorpusSource => ({
  name: `asterisk-core-sounds-${language}`,
  kind: 'speech',
  origin: debian(`asterisk-core-sounds-${language}-g722`, '1.6.1-1'),
  licence,
  licenceIn: 'debian/copyright',
  files: /\/sounds\/(?!.*(?:silence\/|beep)).*\.g722$/,
  language,
  minimumSnrDb: 33,
  secondsPerVoice: 2400,
});

/** Sources of speech. Reserved for tests elsewhere and never to be added: speechocean762's `test` speakers. */
const speech: readonly CorpusSource[] = [
  {
    name: 'speechocean762',
    kind: 'speech',
    origin: on('jimbozhang/speechocean762', '613968e3b0b789fc33936fb5eba1973176ba7d11'),
    licence: 'CC-BY-4.0',
    licenceIn: 'README.md and OpenSLR 101: free, commercial use too',
    files: /^WAVE\/SPEAKER(?<voice>\d+)\/.*\.WAV$/,
    listedIn: /^train\/wav\.scp$/,
    language: 'en',
    minimumSnrDb: 25,
    heldOut: /^(?:0001|0006|0026|0036|0048|0053|0054|0056|0070|0075|0103|0104|0131|9070|9607|9630)$/,
  },
  {
    name: 'speech-to-intent',
    kind: 'speech',
    origin: on('Picovoice/speech-to-intent-benchmark', '47b1ca63afe4f08cb83e1f70fec16764879bd130'),
    licence: 'Apache-2.0',
    licenceIn: 'LICENSE',
    files: /^data\/speech\/clean\/.*\.wav$/,
    language: 'en',
    minimumSnrDb: 25,
    joinSeconds: 0,
  },
  {
    name: 'wake-words',
    kind: 'speech',
    origin: on('Picovoice/wake-word-benchmark', '84919190fb1891bf0936dcb577d9268e467f876f'),
    licence: 'Apache-2.0',
    licenceIn: 'LICENSE',
    files: /^audio\/[^/]+\/.*\.(?:flac|wav)$/,
    language: 'en',
    joinSeconds: 0,
  },
  {
    name: 'kerstin',
    kind: 'speech',
    origin: on('rhasspy/dataset-voice-kerstin', 'f73127135cf80d6ef52aef6af58c49774f4fd625'),
    licence: 'CC0-1.0',
    licenceIn: 'README.md',
    files: /^(?<voice>verified)\/.*\.flac$/,
    language: 'de',
    minimumSnrDb: 25,
    secondsPerVoice: 4200,
    joinSeconds: 4,
  },
  {
    name: 'arabic-speech-commands',
    kind: 'speech',
    origin: on(
      'abdulkaderghandoura/arabic-speech-commands-dataset',
      '72f3438212ff6cf8fbe5ae8068361840646429bd',
    ),
    licence: 'CC-BY-4.0',
    licenceIn: 'LICENSE',
    files: /^dataset\/[^/]+\/(?<voice>\d+)_.*\.wav$/,
    language: 'ar',
    minimumSnrDb: 30,
    secondsPerVoice: 330,
    heldOut: /^0000000[37]|000000(?:12|18|23|29)$/,
  },
  {
    name: 'audio-cmn',
    kind: 'speech',
    origin: on('hugolpz/audio-cmn', 'ff9ed3d0c631195bd2c06f39450f3264c7124040'),
    licence: 'CC-BY-SA',
    licenceIn: 'README.md',
    files: /^64k\/(?<voice>hsk|syllabs)\/.*\.mp3$/,
    language: 'zh',
    minimumSnrDb: 32,
    secondsPerVoice: 3600,
  },
  {
    name: 'spoken-digits',
    kind: 'speech',
    origin: on('Jakobovski/free-spoken-digit-dataset', '26eb9aaf76e81b692f806f9140c2d2777410d7a1'),
    licence: 'CC-BY-SA-4.0',
    licenceIn: 'README.md',
    files: /^recordings\/\d_(?<voice>[a-z]+)_\d+\.wav$/,
    language: 'en',
    minimumSnrDb: 24,
    secondsPerVoice: 300,
  },
  {
    name: 'ovos-wake-words',
    kind: 'speech',
    origin: on('OpenVoiceOS/ovos-ww-community-dataset', '914a79326fbee6bbadbb67cd177a0634c625d6da'),
    licence: 'public domain',
    licenceIn: 'licenses/license-*.txt, file by file',
    files: /^wake-words\/(?<language>[a-z]{2})\/.*\.wav$/,
    listedIn: /^licenses\/license-2.*\.txt$/,
    minimumSnrDb: 25,
    joinSeconds: 0,
  },
  asterisk('en', 'CC-BY-SA-3.0'),
  asterisk('es', 'CC-BY-SA-3.0'),
  asterisk('fr', 'CC-BY-SA-3.0'),
  asterisk('ru', 'CC-BY-3.0'),
  { ...asterisk('it', 'CC-BY-3.0'), heldOut: /./ },
  {
    name: 'tofugu',
    kind: 'speech',
    origin: on('tofugu/japanese-vocabulary-pronunciation-audio', '9725e0e7d628ab616e8b14e126d3daa33eba8d36'),
    licence: 'CC-BY-SA-4.0',
    licenceIn: 'LICENSE',
    files: /^lib\/(?<voice>mp3)\/.*\.mp3$/,
    language: 'ja',
    minimumSnrDb: 38,
    heldOut: /./,
  },
  {
    name: 'mimic3-samples',
    kind: 'speech',
    origin: on('MycroftAI/mimic3-voices', 'b239a9084e21fbaa7ac78ea6e31f5de1c31c8f42'),
    licence: 'per voice: CC-BY, CC-BY-SA, CC0, BSD or public domain',
    licenceIn: 'voices/*/*/LICENSE',
    files:
      /^samples\/(?!en_UK\/apope|ko_KO\/kss|sw\/lanfrica|fr_FR\/tom_low|.*\/old\/|.*p(?:232|257))(?<voice>(?<language>[a-z]{2})_?[^/]*\/.*)\.wav$/,
    synthetic: true,
    minimumSnrDb: 30,
    heldOut: /^(?:ha|tn|gu|te|it)/,
  },
];

/** Sources of noise and music. Reserved for tests elsewhere: ESC fold 5, blanket's coffee shop and train, and others. */
const noise: readonly CorpusSource[] = [
  {
    name: 'berlin-noise',
    kind: 'noise',
    origin: on('thomasrosen/berlin_noise', 'b3caa8c2d6b5851aac07e8f9096a16ff6a7472b0'),
    licence: 'CC-BY-4.0',
    licenceIn: 'LICENSE',
    files: /^audio\/(?<voice>[^/]+)\.(?:m4a|wav)$/,
    heldOut: /^(?:0619B0AD|5B6DDD39|9a12b4b8)/i,
  },
  {
    name: 'scikit-maad',
    kind: 'noise',
    origin: on('scikit-maad/scikit-maad', 'a726add0f86b70a7c59f2a1b4ba5978f7ca8fdf1'),
    licence: 'BSD-3-Clause',
    licenceIn: 'LICENSE',
    files: /^data\/indices\/.*_(?<voice>\d\d)\d{4}\.wav$/,
  },
  {
    name: 'kbsim',
    kind: 'noise',
    origin: on('tplai/kbsim', 'ba103f3b0afa9dab80447aa2e7e2ed80b6bd80e4'),
    licence: 'MIT',
    licenceIn: 'LICENSE.md',
    files: /^src\/assets\/audio\/(?<voice>[^/]+)\/.*\.mp3$/,
    joinSeconds: 3,
  },
  {
    name: 'sonic-pi',
    kind: 'music',
    origin: on('sonic-pi-net/sonic-pi', 'c0002065a976b1355e7889f4aa96a1804e2b8119'),
    licence: 'CC0-1.0',
    licenceIn: 'etc/samples/README.md',
    files: /^etc\/samples\/(?<voice>[a-z]+)_.*\.flac$/,
    heldOut: /^(?:ambi|vinyl|guit|perc)$/,
  },
  {
    name: 'oramics',
    kind: 'music',
    origin: on('oramics/sampled', '84d3405e107ad52986e7ca99af6a4ed3efe205de'),
    licence: 'CC-BY-SA-3.0',
    licenceIn: 'ORCHESTRA/*/README.md',
    files: /^ORCHESTRA\/(?<voice>[^/]+)\/samples\/.*\.(?:mp3|wav)$/,
  },
  {
    name: '0ad-ambient',
    kind: 'noise',
    origin: debian('0ad-data', '0.0.26-1'),
    licence: 'CC-BY-SA-3.0',
    licenceIn: 'debian/copyright',
    files: /public\.zip\/audio\/ambient\/.*?(?<voice>[^/]+)\.ogg$/,
    heldOut: /farm_1|port|temple|desert/,
  },
  {
    name: '0ad-effects',
    kind: 'noise',
    origin: debian('0ad-data', '0.0.26-1'),
    licence: 'CC-BY-SA-3.0',
    licenceIn: 'debian/copyright',
    files: /public\.zip\/audio\/(?<voice>(?:actor|attack|resource)\/(?!human\/death)[^/]+)\/.*\.ogg$/,
  },
  {
    name: '0ad-music',
    kind: 'music',
    origin: debian('0ad-data', '0.0.26-1'),
    licence: 'CC-BY-SA-3.0',
    licenceIn: 'debian/copyright',
    files: /public\.zip\/audio\/music\/(?:.*\/)?(?<voice>[^/]+)\.ogg$/,
  },
  {
    name: 'megaglest-music',
    kind: 'music',
    origin: debian('megaglest-data', '3.13.0-3'),
    licence: 'CC-BY-SA-3.0',
    licenceIn: 'debian/copyright',
    files: /(?<voice>[^/]+)\.ogg$/,
  },
];

const rooms: readonly CorpusSource[] = [
  {
    name: 'voxengo',
    kind: 'room',
    origin: on('oramics/sampled', '84d3405e107ad52986e7ca99af6a4ed3efe205de'),
    licence: 'royalty-free for any purpose, commercial use too',
    licenceIn: 'IR/Voxengo/LICENSE.txt',
    files: /^IR\/Voxengo\/samples\/(?<voice>[^/]+)\.wav$/,
  },
];

/** Everything that the corpus is made of. */
export const corpusSources: readonly CorpusSource[] = [...speech, ...noise, ...rooms];
