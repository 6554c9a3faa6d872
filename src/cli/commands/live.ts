import { type Command, Option } from 'commander';
import type { CommandContext } from '../context.js';
import type { LiveCommandOptions } from '../live/command-options.js';
import { MODEL_OPTION, modelHelp } from '../model-option.js';
import { musicOption } from '../music-option.js';
import { numberFrom, parseStrength } from '../number-options.js';

const EXAMPLES = `
Examples:
  denoise live --source mic                                         the microphone, on the speaker
  denoise live --source mic --out virtual-mic                       a clean microphone for other programs (Linux)
  denoise live --source rtlsdr --freq 145.5M --squelch 8            a dongle, narrow FM
  denoise live --source rtl_tcp://radio:1234 --freq 99.8M --mode wbfm --out fm.wav --out speaker
  denoise live --source rtlsdr --freq 118.1M --mode am --squelch 10 --out tower.wav --rotate 1h
  denoise live --source rtlsdr --scan air --squelch 8 --activity log  who talks there, each in a file
  denoise live --source iq:band_7100k_250k.cu8 --freq 7.12M --mode lsb
  rtl_sdr -s 1024000 -f 145M - | denoise live --source iq:- --rate 1024k --centre 145M --freq 145.5M
  arecord -f cd | denoise live --source - --out - | aplay -f cd     through pipes: WAV in, raw 16-bit samples out

WBFM has sound of 48 kHz, the other modes of 16 kHz. When the mode is changed to WBFM, a recording goes on in another file;
the raw samples on stdout keep the rate that they began with.

Other machines reach the monitor at an address such as 0.0.0.0:8073, with the secret in the variable DENOISE_TOKEN.

A squelch from 0 up is a signal-to-noise ratio in dB, below 0 a level in dBFS.
`;

/** `denoise live`: radios, microphones and streams, denoised while they come. */
export function addLiveCommand(program: Command, context: CommandContext): void {
  program
    .command('live')
    .description('denoise a radio, a microphone or a stream while it comes')
    .optionsGroup('Source:')
    .requiredOption(
      '--source <source>',
      'mic[:DEVICE], rtlsdr[:SERIAL], rtl_tcp://HOST:PORT, spyserver://…, kiwisdr://…, iq:FILE, FILE.wav, ws://…, or from stdin - or iq:-',
    )
    .option('--rate <hz>', 'sample rate of the radio (default: 1.024M), or of a recording that does not tell')
    .option('--centre <hz>', 'centre frequency of a recording that does not tell')
    .option(
      '--format <cu8|cs8|cs16|cf32>',
      'how a recording without a telling name has it (default: cu8 from pipes)',
    )
    .option('--raw <format>', 'the input has no header and is FORMAT:RATE:CHANNELS, such as s16:48000:1')
    .option('--fast', 'play a recording as fast as it can be denoised')
    .option('--loop', 'play a recording again and again')
    .option('--duration <seconds>', 'end after so much sound', numberFrom(0.001))
    .optionsGroup('Reception:')
    .option('--freq <hz>', 'what to receive, such as 145.5M')
    .option('--channel <name>', 'a channel kept by denoise channels add')
    .option('--mode <mode>', 'wbfm, nbfm, am, sam, usb, lsb or cw (default: nbfm)')
    .option('--squelch <dB|off>', 'silence below this ratio or level (default: off)')
    .option(
      '--bandwidth <hz>',
      'width of the channel (default: wbfm 180k, nbfm 16k, am and sam 10k, usb and lsb 2.7k, cw 500)',
    )
    .option('--ctcss <hz>', 'nbfm: hear only who sends this tone, such as 88.5')
    .option('--dcs <code>', 'nbfm: hear only who sends this code, such as 023 or 023i')
    .option(
      '--deemphasis <µs|off>',
      'of wbfm: 50 in Europe, 75 in America (default: 75); of nbfm (default: off)',
    )
    .option('--agc <slow|fast|off>', 'gain control of am, sam, usb, lsb and cw (default: slow)')
    .optionsGroup('Scanning:')
    .option(
      '--scan <names>',
      'go through these channels and band plans: relay,tower or marine; all for all kept',
    )
    .option('--region <europe|america>', 'whose band plans are meant')
    .option('--priority <names>', 'of these, look at them also while another one is listened to')
    .option('--scan-delay <seconds>', 'wait so long for an answer (default: 2)', numberFrom(0))
    .option('--scan-most <seconds>', 'go on after so long, even if somebody talks', numberFrom(0.1))
    .option(
      '--activity <folder>',
      'keep a log there, activity.jsonl, and what is said, denoised, in a file each',
    )
    .optionsGroup('Interference:')
    .option('--no-blanker', 'leave short pulses in')
    .option('--no-dc-removal', 'leave the spike in the middle of the band in')
    .option('--no-iq-balance', 'leave mirror images of other stations in')
    .option('--no-auto-notch', 'leave whistles in')
    .option('--notch <hz>', 'take out this pitch, such as 1.2k; several are possible', collect, [])
    .optionsGroup('Tuner (rtlsdr and rtl_tcp):')
    .option('--gain <dB|auto>', 'its gain (default: auto)')
    .option('--ppm <ppm>', 'error of its crystal', numberFrom(-1000))
    .option('--direct-sampling <i|q>', 'receive short wave past it')
    .option('--bias-tee', 'feed an amplifier on the aerial')
    .optionsGroup('Denoising:')
    .option(MODEL_OPTION, modelHelp('radio/champion for voice over a radio, else speech/champion'))
    .option('-d, --device <device>', 'cpu, webgpu, cuda, coreml, dml or auto', 'auto')
    .option('-s, --strength <0..1>', 'how much of the noise to take out', parseStrength, 1)
    .option('--no-denoise', 'only receive')
    .addOption(musicOption())
    .option('--capture <profile>', 'keep the noise between words for denoise retune; speech is not kept')
    .option('--retune <cron>', 'at these times, tune the model to the noise that was kept, and try it here')
    .optionsGroup('Output:')
    .addOption(
      new Option(
        '-o, --out <to>',
        'speaker[:DEVICE], virtual-mic, FILE.wav, - for raw samples on stdout, or none; several are possible',
      )
        .argParser(collect)
        .default([], 'speaker'),
    )
    .option(
      '--record-iq <file>',
      'keep the radio samples, too: FILE.wav, or SigMF in FILE.sigmf-data and FILE.sigmf-meta',
    )
    .option('--rotate <length|size>', 'begin another file, FILE-0002.wav and so on, after 1h or 500MB')
    .optionsGroup('Monitor:')
    .option('--monitor [address]', 'show and hear it in a browser, at [HOST:]PORT (default: 127.0.0.1:8073)')
    .option('--monitor-read-only', 'the page only shows')
    .option('--monitor-log <file>', 'who connects and what they command, a JSON object a line')
    .option('--monitor-cert <file>', 'certificate chain, PEM: the page is at https')
    .option('--monitor-key <file>', 'its key, PEM')
    .optionsGroup('Output:')
    .option('-f, --force', 'overwrite a recording that is there')
    .option('--json', 'print one JSON object per line instead of sentences')
    .option('-q, --quiet', 'print nothing but errors')
    .addHelpText('after', EXAMPLES)
    .action(async (options: LiveCommandOptions) => {
      // The runtime, the radio and the sound devices take a third of a second to load: not for --help.
      const { runLive } = await import('../live/run.js');
      const { withChannel } = await import('../live/channel-book.js');
      const { planScan, withFirstChannel } = await import('../live/scan.js');
      const scan = planScan(options);
      await runLive(withFirstChannel(withChannel(options), scan), context, scan);
    });
}

const collect = (value: string, previous: string[]): string[] => [...previous, value];
