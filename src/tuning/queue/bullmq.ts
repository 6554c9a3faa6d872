import { createHash, randomUUID } from 'node:crypto';
import {
  createPostgresBackend,
  type Job,
  Queue,
  type QueueBase,
  type QueueOptions,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import { Redis } from 'ioredis';
import type { ClientConfig } from 'pg';
import { isPostgresOutage, showUrl, unreachable, withRetries } from '../storages/retry.js';
import type { Lease, TrialQueue } from './trial-queue.js';

export interface BullQueueOptions {
  /** Milliseconds that a lease lasts. Default 30 000. */
  leaseMs?: number;
  /** Milliseconds that a server that does not answer is waited for. Default 60 000. */
  patienceMs?: number;
}

interface BullLease extends Lease {
  job: Job;
  token: string;
}

/** BullMQ moves stalled jobs back; how often a trial may lose its worker is for the study to say. */
const MOST_STALLS = 1_000_000;

/** Milliseconds that a connection to Postgres may take, and one query; then the server counts as away. */
const POSTGRES_TIMES = { connectionTimeoutMillis: 5000, query_timeout: 10_000 };

/** What BullMQ's queue and worker each connect with. */
type Connect = () => Promise<{ options: QueueOptions; backend?: undefined }>;

/**
 * The queue of many machines: BullMQ on Redis, Valkey or Postgres. Jobs are fetched by hand, since a lease here is renewed by the worker's
 * own main thread while the training has another. A server that is away is waited for, with growing pauses.
 */
export class BullQueue implements TrialQueue {
  readonly heartbeatMs: number;
  readonly #name: string;
  readonly #where: string;
  readonly #leaseMs: number;
  readonly #patienceMs: number;
  readonly #connect: Connect;
  readonly #redis: Redis[] = [];
  #queue: Promise<Queue> | undefined;
  #worker: Promise<Worker> | undefined;

  /** @param url `redis://…`, `rediss://…` or `postgres://…` */
  constructor(url: string, study: string, { leaseMs = 30_000, patienceMs = 60_000 }: BullQueueOptions = {}) {
    this.#where = showUrl(url);
    this.#leaseMs = leaseMs;
    this.#patienceMs = patienceMs;
    this.heartbeatMs = leaseMs / 3;
    // BullMQ allows no colons in names, and Postgres no long ones.
    this.#name = `denoise-${createHash('sha256').update(study).digest('hex').slice(0, 16)}`;
    this.#connect = /^postgres(ql)?:/.test(url) ? () => toPostgres(url) : async () => this.#toRedis(url);
  }

  /** Redis reconnects by itself and then sends what waits. */
  #toRedis(url: string): { options: QueueOptions } {
    const redis = new Redis(url, {
      maxRetriesPerRequest: null,
      retryStrategy: (times) => Math.min(100 * 2 ** times, 2000),
    });
    redis.on('error', () => {});
    this.#redis.push(redis);
    return { options: { connection: redis } };
  }

  async #openQueue(): Promise<Queue> {
    const { options, backend } = await this.#connect();
    return ready(new Queue(this.#name, options, backend), options);
  }

  async #openWorker(): Promise<Worker> {
    const { options, backend } = await this.#connect();
    const manual: WorkerOptions = {
      ...options,
      autorun: false,
      lockDuration: this.#leaseMs,
      stalledInterval: this.#leaseMs / 2,
      maxStalledCount: MOST_STALLS,
    };
    const worker = await ready(new Worker(this.#name, null, manual, backend), options);
    await worker.startStalledCheckTimer();
    return worker;
  }

  /** The queue of BullMQ; a failed attempt to open it is forgotten, and the next call makes another. */
  #asQueue(): Promise<Queue> {
    this.#queue ??= this.#openQueue().catch((error) => {
      this.#queue = undefined;
      throw error;
    });
    return this.#queue;
  }

  /** As {@link #asQueue}. Opened by the first lease: who only adds trials checks for no stalled ones. */
  #asWorker(): Promise<Worker> {
    this.#worker ??= this.#openWorker().catch((error) => {
      this.#worker = undefined;
      throw error;
    });
    return this.#worker;
  }

  async enqueue(trial: number): Promise<void> {
    const options = { jobId: `trial-${trial}`, removeOnComplete: true, removeOnFail: true };
    await this.#do(async () => (await this.#asQueue()).add('trial', { trial }, options));
  }

  async lease(): Promise<Lease | undefined> {
    const token = randomUUID();
    const job = await this.#do(async () => (await this.#asWorker()).getNextJob(token, { block: false }));
    if (job === undefined) return undefined;
    const lease: BullLease = { trial: (job.data as Lease).trial, job, token };
    return lease;
  }

  async heartbeat(lease: Lease): Promise<boolean> {
    const { job, token } = lease as BullLease;
    // Not tried again: the next heartbeat is on its way.
    return this.#answered(unlessLost(async () => (await job.extendLock(token, this.#leaseMs)) === 1));
  }

  async complete(lease: Lease): Promise<void> {
    const { job, token } = lease as BullLease;
    await this.#do(() => unlessLost(() => job.moveToCompleted(null, token, false)));
  }

  async fail(lease: Lease): Promise<void> {
    const { job, token } = lease as BullLease;
    await this.#do(() => unlessLost(() => job.moveToWait(token)));
  }

  /** Every call may be made twice, should its answer be lost: jobs have names, and a lock that is gone is no error. */
  #do<T>(work: () => Promise<T>): Promise<T> {
    return withRetries(this.#where, () => this.#answered(work()), isPostgresOutage, this.#patienceMs);
  }

  /** On Redis, BullMQ waits for its server for ever. */
  async #answered<T>(call: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(unreachable(this.#where, new Error('it does not answer'))),
        this.#patienceMs,
      );
    });
    call.catch(() => {});
    try {
      return await Promise.race([call, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    // A server that is gone is not asked to say goodbye.
    for (const redis of this.#redis) if (redis.status !== 'ready') redis.disconnect();
    const opened = [this.#worker?.then((worker) => worker.close(true)), this.#queue?.then((q) => q.close())];
    await Promise.allSettled(opened);
    for (const redis of this.#redis) redis.disconnect();
  }
}

/** How to reach Postgres. A connection that breaks between two queries says so with an event that would end the process. */
async function toPostgres(url: string): ReturnType<Connect> {
  const { default: pg } = await import('pg');
  class Client extends pg.Client {
    constructor(config?: ClientConfig) {
      super(config);
      this.on('error', () => {});
    }
  }
  const connection = { connectionString: url, migrate: true, Client, ...POSTGRES_TIMES };
  return {
    // The types of BullMQ tie a backend to its own kind of connection.
    options: { connection: connection as unknown as QueueOptions['connection'] },
    backend: createPostgresBackend as unknown as undefined,
  };
}

/**
 * What stays of BullMQ's half once it is connected. On Postgres one whose first attempt fails never tries again (BullMQ 6.7), and one that is
 * closed before it is connected leaves a connection behind, which keeps the process alive.
 */
async function ready<T extends QueueBase>(half: T, { connection }: QueueOptions): Promise<T> {
  // Outages are met where a call needs an answer.
  half.on('error', () => {});
  if (connection instanceof Redis) return half;
  try {
    await half.waitUntilReady();
    return half;
  } catch (error) {
    await half.close().catch(() => {});
    throw error;
  }
}

/** False where the server says that the lock, or the job itself, is gone. */
async function unlessLost(work: () => Promise<unknown>): Promise<boolean> {
  try {
    return (await work()) !== false;
  } catch (error) {
    if (/lock|missing|not in the active/i.test((error as Error).message)) return false;
    throw error;
  }
}
