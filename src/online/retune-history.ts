import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { MODEL_USES } from '../../models/use.js';
import { AppendLog, readLog } from '../files/append-log.js';
import { makeFolder } from '../files/atomic-file.js';

const common = {
  /** Which retuning: the time it began, ISO 8601. */
  id: z.iso.datetime(),
  time: z.iso.datetime(),
};
const event = <K extends string, S extends z.ZodRawShape>(kind: K, shape: S) =>
  z.object({ ...common, kind: z.literal(kind), ...shape });

const check = z.object({
  name: z.string(),
  value: z.number().nullable(),
  limit: z.number(),
  mustBe: z.enum(['least', 'most']),
  holds: z.boolean(),
  unit: z.string(),
});

/** Everything that happens in a retuning: JSON-safe, told apart by `kind`. */
const retuneEventSchema = z.discriminatedUnion('kind', [
  event('started', { use: z.enum(MODEL_USES), profile: z.string(), noiseSeconds: z.number() }),
  /** Nothing was trained, and why. */
  event('skipped', { reason: z.string() }),
  event('trained', {
    trials: z.number(),
    steps: z.number(),
    seconds: z.number(),
    /** How far the candidate is from the champion to the tuned weights, 0…1. */
    share: z.number().default(1),
  }),
  event('judged', {
    verdict: z.enum(['promote', 'reject', 'inconclusive']),
    reason: z.string(),
    checks: z.array(check),
    /** Audio files of the same speech: as it was, through the champion, through the candidate. */
    listen: z.array(z.string()),
  }),
  /** It waits for a live session to try it. */
  event('nominated', { version: z.string() }),
  event('promoted', { version: z.string() }),
  event('rolled-back', { reason: z.string() }),
  event('ended', {}),
  event('failed', { code: z.string(), message: z.string() }),
  /** The program was killed in the middle of it; found when the next one began. */
  event('interrupted', {}),
]);

export type RetuneEvent = z.output<typeof retuneEventSchema>;
type WithoutCommon<E> = E extends RetuneEvent ? Omit<E, keyof typeof common> : never;
/** An event before it is dated. */
export type RetuneEventBody = WithoutCommon<RetuneEvent>;

/** Kinds after which a retuning is over. */
const ENDS = new Set<RetuneEvent['kind']>(['ended', 'failed', 'interrupted']);

/** The retunings of this machine, in a log that only grows: `retune/history.jsonl`. */
export class RetuneHistory {
  readonly #folder: string;
  readonly #path: string;

  /** @param data folder of the program's data */
  constructor(data: string) {
    this.#folder = join(data, 'retune');
    this.#path = join(this.#folder, 'history.jsonl');
  }

  /** All events in order. Lines that a later version wrote are left out. */
  events(): RetuneEvent[] {
    if (!existsSync(this.#path)) return [];
    return readLog(this.#path).lines.flatMap((line) => parseEvent(line) ?? []);
  }

  /** Retunings that began and neither ended nor failed. */
  unfinished(): string[] {
    const open = new Set<string>();
    for (const { kind, id } of this.events())
      if (kind === 'started') open.add(id);
      else if (ENDS.has(kind)) open.delete(id);
    return [...open];
  }

  /** Writes an event down, on the disk, before it returns. @throws OutputError */
  record(id: string, body: RetuneEventBody): RetuneEvent {
    makeFolder(this.#folder);
    const log = new AppendLog(this.#path);
    // The schema's own object: a union of unions is too much for the compiler.
    const dated = { id, time: new Date().toISOString(), ...body } as RetuneEvent;
    try {
      log.append(`${JSON.stringify(dated)}\n`);
    } finally {
      log.close();
    }
    return dated;
  }
}

function parseEvent(line: string): RetuneEvent | undefined {
  try {
    return retuneEventSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
