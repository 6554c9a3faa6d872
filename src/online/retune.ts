import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Checkpoint } from '../../models/checkpoint.js';
import { openModel } from '../../models/open-model.js';
import { ModelRegistry } from '../../models/registry.js';
import type { ModelUse } from '../../models/use.js';
import { toDenoiseError, UsageError } from '../errors.js';
import { makeFolder } from '../files/atomic-file.js';
import { FileLock } from '../files/file-lock.js';
import { readMono } from '../training/data/clip-reader.js';
import { dayZeroOf, RETUNED } from './day-zero.js';
import { type GateReport, judge, LIVE_LIMITS } from './gate.js';
import { type GateSet, scoresOf } from './gate-scores.js';
import { splitNoise } from './noise-of-place.js';
import { type NoisePiece, NoiseStore, writeNoise } from './noise-store.js';
import { type Corpus, openCorpus, type ReplayFolders, replayFolders } from './replay.js';
import { CHOICE_LIMITS, retuneChoiceSet, retuneGateSet, writeListening } from './retune-gate.js';
import { type RetuneEvent, type RetuneEventBody, RetuneHistory } from './retune-history.js';
import { trainCandidate } from './retune-training.js';
import { bestBetween } from './weights-between.js';

export interface RetuneOptions {
  /** Folder of the program's data. */
  data: string;
  use: ModelUse;
  /** Profile whose noise is trained on. */
  profile: string;
  /** How long to train, seconds. */
  seconds: number;
  /** Trials at the same time, one core each. */
  cores: number;
  /** Corpus that is replayed; default the one that ships. */
  replay?: string;
  /** Only makes the better model candidate: a live session tries it before it promotes it. Default false. */
  nominate?: boolean;
  /** More settings of the trainings, as `denoise train --set` takes them. */
  set?: Readonly<Record<string, unknown>>;
  signal?: AbortSignal;
  onEvent?(event: RetuneEvent): void;
}

/** With less noise than this nothing is trained, seconds. */
const LEAST_NOISE_SECONDS = 20;
/**
 * Tunes the champion to captured noise, judges it, and promotes it if it is better. One at a time on a machine.
 * @returns the events, the last one being its end
 * @throws UsageError `E_RETUNE_BUSY`; InputError `E_REPLAY`; what training throws, after it was recorded
 */
export async function retune(options: RetuneOptions): Promise<RetuneEvent[]> {
  const folder = join(options.data, 'retune');
  const replay = replayFolders(options.replay);
  makeFolder(folder);
  const lock = new FileLock(join(folder, '.retune.lock'));
  if (!lock.tryAcquire())
    throw new UsageError('E_RETUNE_BUSY', 'Another retuning is under way on this machine.', {
      hint: 'Wait for it: denoise retune --status.',
    });
  try {
    return await new Retuning(options, folder, replay).run();
  } finally {
    lock.release();
  }
}

class Retuning {
  readonly #history: RetuneHistory;
  readonly #id = new Date().toISOString();
  readonly #work: string;
  readonly #events: RetuneEvent[] = [];
  readonly #store: NoiseStore;

  constructor(
    private readonly options: RetuneOptions,
    private readonly folder: string,
    private readonly replay: ReplayFolders,
  ) {
    this.#history = new RetuneHistory(options.data);
    this.#store = new NoiseStore(options.data);
    this.#work = join(folder, 'work');
  }

  async run(): Promise<RetuneEvent[]> {
    // Nobody else has the lock: what is unfinished was killed.
    for (const id of this.#history.unfinished()) this.#history.record(id, { kind: 'interrupted' });
    rmSync(this.#work, { recursive: true, force: true });
    const { use, profile } = this.options;
    const pieces = this.#store.list(profile);
    const noiseSeconds = pieces.reduce((sum, { seconds }) => sum + seconds, 0);
    this.#tell({ kind: 'started', use, profile, noiseSeconds });
    try {
      if (noiseSeconds < LEAST_NOISE_SECONDS)
        this.#tell({
          kind: 'skipped',
          reason: `the profile ${profile} has ${noiseSeconds.toFixed(0)} s of noise, and ${LEAST_NOISE_SECONDS} s are needed`,
        });
      else await this.#tuneAndJudge(pieces);
      this.#tell({ kind: 'ended' });
    } catch (thrown) {
      const { code, message } = toDenoiseError(thrown, 'Retuning');
      this.#tell({ kind: 'failed', code, message });
      throw thrown;
    } finally {
      rmSync(this.#work, { recursive: true, force: true });
    }
    return this.#events;
  }

  async #tuneAndJudge(pieces: readonly NoisePiece[]): Promise<void> {
    const { use, signal, data, nominate = false } = this.options;
    const registry = new ModelRegistry(data);
    const { checkpoint: champion } = await openModel(undefined, { use, registry, signal });
    const dayZero = await dayZeroOf(champion, use, registry);
    const { sampleRate } = champion.info;
    const gateNoise = await this.#layOut(pieces, sampleRate);
    const captured = join(this.#work, 'captured');
    // Open until the end: the trials share it, and it is decoded once.
    const { corpus, release } = await openCorpus({ ...this.replay, captured }, sampleRate, signal);
    let candidate: Checkpoint;
    let report: GateReport;
    try {
      candidate = await this.#train(champion, dayZero, captured, corpus);
      signal?.throwIfAborted();
      report = await this.#judge(champion, candidate, dayZero, retuneGateSet(gateNoise, corpus, sampleRate));
    } finally {
      release();
    }
    if (report.verdict !== 'promote') return;
    const version = registry.add(candidate, RETUNED, report);
    registry.nominate(version, use);
    this.#tell({ kind: 'nominated', version });
    if (nominate) return;
    registry.promote(version, use);
    this.#tell({ kind: 'promoted', version });
  }

  /** Writes the captured noise where trials find it. @returns what is kept for the judgement */
  async #layOut(pieces: readonly NoisePiece[], sampleRate: number): Promise<Float32Array[]> {
    makeFolder(join(this.#work, 'captured'));
    const gate: Float32Array[] = [];
    for (const { hash } of pieces) {
      const samples = await readMono(this.#store.pathOf(hash), sampleRate);
      const split = splitNoise(samples, [{ from: 0, to: samples.length }], sampleRate);
      await writeNoise(join(this.#work, 'captured', `${hash}.wav`), split.train, sampleRate);
      if (split.gate.length > 0) gate.push(split.gate);
    }
    return gate;
  }

  async #train(
    champion: Checkpoint,
    dayZero: Checkpoint,
    captured: string,
    corpus: Corpus<'speech' | 'noise' | 'captured'>,
  ): Promise<Checkpoint> {
    const { seconds, cores, signal, set } = this.options;
    const start = performance.now();
    const { tuned, trials, steps } = await trainCandidate({
      ...{ champion, captured, replay: this.replay, work: this.#work },
      ...{ seconds, cores, set, signal },
    });
    const choice = retuneChoiceSet(corpus);
    const best = await bestBetween({ champion, tuned, dayZero }, choice, 'live', CHOICE_LIMITS);
    const spent = (performance.now() - start) / 1000;
    this.#tell({ kind: 'trained', trials, steps, seconds: spent, share: best.share });
    return best.checkpoint;
  }

  async #judge(
    champion: Checkpoint,
    candidate: Checkpoint,
    dayZero: Checkpoint,
    set: GateSet,
  ): Promise<GateReport> {
    const before = await scoresOf(champion, set, 'live');
    const origin = dayZero === champion ? before : await scoresOf(dayZero, set, 'live');
    const report = judge(before, await scoresOf(candidate, set, 'live'), LIVE_LIMITS, origin);
    const { verdict, reason, checks } = report;
    const name = this.#id.replaceAll(':', '-');
    const listen = await writeListening(join(this.folder, 'listen'), name, set, { champion, candidate });
    this.#tell({ kind: 'judged', verdict, reason, checks, listen });
    return report;
  }

  #tell(body: RetuneEventBody): void {
    const event = this.#history.record(this.#id, body);
    this.#events.push(event);
    this.options.onEvent?.(event);
  }
}
