import { describeEvent } from '../../../streams/live/describe-event.js';
import { LiveModels } from '../../../streams/live/live-models.js';
import { LiveSession } from '../../../streams/live/live-session.js';
import { openOrAbort } from '../../../streams/live/open-or-abort.js';
import { Recorder } from '../../../streams/live/recorder.js';
import type { Scanner, ScanOptions } from '../../../streams/live/scanner.js';
import type { Mode } from '../../../streams/radio/modes.js';
import { parseSinkSpec, type SinkSpec } from '../../../streams/sinks/open-sink.js';
import { openSource, parseSourceSpec, type SourceSpec } from '../../../streams/sources/open-source.js';
import { parseDevice } from '../../engine/device.js';
import { collectEarly } from '../../engine/early-collection.js';
import { UsageError } from '../../errors.js';
import type { CommandContext } from '../context.js';
import { PIPE } from '../files/input-files.js';
import { summarise } from '../text/model-summary.js';
import type { LiveCommandOptions } from './command-options.js';
import { HELP, LiveDesk } from './desk.js';
import { startMonitor } from './monitor.js';
import { startOnline } from './online.js';
import { LiveOutputs, openIqRecording } from './outputs.js';
import { parseRotation } from './rotation.js';
import { startScan } from './scan.js';
import { planRadio, sourceOptions } from './source-options.js';
import { LiveView, renderLive, statusLine } from './view.js';

/** Frames of the view per second, and seconds between lines where nobody looks. */
const FRAMES_PER_SECOND = 8;
const LINE_SECONDS = 5;
const JSON_SECONDS = 1;

/** Runs `denoise live` to its end. */
export async function runLive(
  options: LiveCommandOptions,
  context: CommandContext,
  scan?: ScanOptions,
): Promise<void> {
  const { output, signal } = context;
  output.configure({ json: options.json ?? false, quiet: options.quiet ?? false });
  const spec = parseSourceSpec(options.source);
  const outs = (options.out.length === 0 ? ['speaker'] : options.out).map(parseSinkSpec);
  output.configure({ audioOnStdout: outs.some(({ kind }) => kind === 'stdout') });
  refuseTerminal(spec, outs);
  const twice = options.out.find((out, n) => options.out.indexOf(out) !== n);
  if (twice !== undefined)
    throw new UsageError('E_SINK', `--out ${twice} is given twice.`, { hint: 'Once is enough.' });
  const outputs = new LiveOutputs(outs, {
    overwrite: options.force ?? false,
    ...(options.rotate !== undefined && parseRotation(options.rotate)),
    ...('path' in spec && { keep: spec.path }),
  });
  if (options.rotate !== undefined && !outs.some(({ kind }) => kind === 'wav'))
    throw new UsageError('E_ROTATE', '--rotate is for recordings, and there is none.', {
      hint: 'Add one, such as --out talk.wav, or leave it out.',
    });
  const plan = planRadio(spec, options);
  const settings = sourceOptions(spec, options, plan);
  const device = parseDevice(options.device);
  collectEarly();
  const models = options.denoise
    ? await LiveModels.load({ model: options.model, radio: plan !== undefined, device, signal })
    : undefined;
  try {
    signal.throwIfAborted();
    const source = await unlessAborted(openSource(spec, { ...settings, signal }), signal);
    if (
      spec.kind === 'iq' &&
      plan?.frequencyHz !== undefined &&
      settings.recording?.centreHz === undefined &&
      'centreHz' in source &&
      source.centreHz === 0
    ) {
      source.destroy();
      const what = isStdin(spec) ? 'A pipe' : spec.path;
      throw new UsageError('E_NO_CENTRE', `${what} does not tell its centre frequency.`, {
        hint: 'Add it, such as --centre 145.4M; then --freq can be found in it.',
      });
    }
    const iqRecording = await openIqRecording(options, spec, source);
    const realtime = source.live || settings.pace === 'realtime';
    const session = await LiveSession.start({
      source,
      realtime,
      openSinks: (format) => outputs.open(format),
      ...(options.duration !== undefined && { durationSeconds: options.duration }),
      ...(plan !== undefined && { radio: plan }),
      ...(iqRecording !== undefined && { iqRecording }),
      ...(models !== undefined && {
        denoiser: models.denoiser,
        strength: options.strength,
        music: options.music,
      }),
    });
    const model = models === undefined ? null : summaryOf(models, plan?.mode);
    output.event({ type: 'start', source: options.source, model, format: session.format });
    const recorder = new Recorder(session);
    const shown = { session, models, recorder };
    const closeMonitor = await startMonitor(shown, options, output).catch((error: unknown) => {
      session.stop({ atOnce: true });
      throw error;
    });
    const closeOnline = await startOnline(
      session,
      models,
      plan && (plan.mode ?? 'nbfm'),
      options,
      output,
    ).catch(async (error: unknown) => {
      session.stop({ atOnce: true });
      await closeMonitor?.();
      throw error;
    });
    const scanning = scan && startScan(session, scan, options.activity);
    try {
      await accompany(
        session,
        { source: options.source, spec, outputs, recorder, scanner: scanning?.scanner },
        context,
      );
    } finally {
      await scanning?.close();
      await closeOnline();
      await closeMonitor?.();
    }
  } catch (error) {
    await outputs.removeEmpty();
    throw error;
  } finally {
    await models?.close();
    // A pipe that is still open would keep the program alive.
    if (isStdin(spec)) process.stdin.destroy();
  }
}

/** What `--json` says of the model of a mode. */
function summaryOf(models: LiveModels, mode: Mode | undefined) {
  const { model } = models.modelFor(mode);
  return { ...summarise(model), device: model.device };
}

/** What `opening` gives, or at Ctrl-C the end: a pipe may never say a word. What opens later is closed at once. */
async function unlessAborted<S extends { destroy(): unknown }>(
  opening: Promise<S>,
  signal: AbortSignal,
): Promise<S> {
  let stop = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await openOrAbort(opening, aborted, (late) => void late.destroy());
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Shows the session until it ends. */
async function accompany(
  session: LiveSession,
  {
    source,
    spec,
    outputs,
    recorder,
    scanner,
  }: {
    source: string;
    spec: SourceSpec;
    outputs: LiveOutputs;
    recorder: Recorder;
    scanner: Scanner | undefined;
  },
  { output, signal }: CommandContext,
): Promise<void> {
  let message = '';
  const modelName = () => session.status.denoiser?.model ?? null;
  const stop = () => session.stop({ atOnce: true });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const keyboard = process.stdin.isTTY && !isStdin(spec) ? process.stdin : undefined;
  const desk = new LiveDesk(session, outputs, recorder, scanner);
  const say = (text: string) => {
    message = text;
  };
  const view = output.interactive
    ? new LiveView(output.stderr, keyboard, (key) => void desk.press(key).then(say))
    : undefined;
  let spectrumDb: Float32Array | undefined;
  if (view !== undefined)
    session.attach(
      ({ powerDb }) => {
        spectrumDb = powerDb;
      },
      { what: 'spectrum', name: 'view', perSecond: FRAMES_PER_SECOND },
    );
  const draw = () => {
    // A terminal that does not know its size says 0.
    const width = output.stderr.columns || 80;
    const height = output.stderr.rows || 24;
    const help = desk.showsHelp ? HELP : undefined;
    const frame = { source, model: modelName(), message, spectrumDb, help, width, height };
    view?.draw(renderLive(session.status, frame));
  };
  session.on('event', (event) => {
    say(describeEvent(event));
    output.event({ type: 'event', ...event, message });
    if (view !== undefined) return;
    if (event.kind.startsWith('activity-')) output.note(message);
    else output.warn(message);
  });
  const tell = () => {
    if (view !== undefined) draw();
    else if (output.json) output.event({ type: 'status', modelName: modelName(), ...session.status });
    else if (!output.quiet) output.stderr.write(`${statusLine(session.status)}\n`);
  };
  const seconds = view !== undefined ? 1 / FRAMES_PER_SECOND : output.json ? JSON_SECONDS : LINE_SECONDS;
  const timer = setInterval(tell, 1000 * seconds);
  try {
    await session.done;
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', stop);
    await recorder.end();
    draw();
    view?.close();
  }
  output.event({ type: 'end', modelName: modelName(), ...session.status });
  if (view === undefined && !output.json && !output.quiet)
    output.stderr.write(`${statusLine(session.status)}\n`);
  signal.throwIfAborted();
}

const isStdin = (spec: SourceSpec): boolean =>
  spec.kind === 'stdin' || (spec.kind === 'iq' && spec.path === PIPE);

/** Samples are no text: they would garble the terminal, or be waited for from the keyboard. */
function refuseTerminal(spec: SourceSpec, outs: readonly SinkSpec[]): void {
  if (isStdin(spec) && process.stdin.isTTY)
    throw new UsageError('E_TERMINAL', 'The samples would be read from the keyboard.', {
      hint:
        spec.kind === 'iq'
          ? 'Give them through a pipe: rtl_sdr -f 145M -s 1024000 - | denoise live --source iq:-'
          : `Give them through a pipe: arecord -f cd | denoise live --source ${PIPE}`,
    });
  if (outs.some(({ kind }) => kind === 'stdout') && process.stdout.isTTY)
    throw new UsageError('E_TERMINAL', 'The samples would be written to the terminal.', {
      hint: `Name a file, or pass them on: --out ${PIPE} | aplay -f S16_LE -r 16000`,
    });
}
