import { type CorpusSource, debian, on } from './source.js';

/** Sources of noise and music. Reserved for tests elsewhere: ESC fold 5, blanket's coffee shop and train, and others. */
export const noiseSources: readonly CorpusSource[] = [
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

/** Responses of rooms. */
export const roomSources: readonly CorpusSource[] = [
  {
    name: 'voxengo',
    kind: 'room',
    origin: on('oramics/sampled', '84d3405e107ad52986e7ca99af6a4ed3efe205de'),
    licence: 'royalty-free for any purpose, commercial use too',
    licenceIn: 'IR/Voxengo/LICENSE.txt',
    files: /^IR\/Voxengo\/samples\/(?<voice>[^/]+)\.wav$/,
  },
];
