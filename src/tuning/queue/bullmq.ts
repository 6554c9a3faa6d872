import { createHash, randomUUID } from 'node:crypto';
import {
  createPostgresBackend,
  type Job,
  Queue,
  type QueueOptions,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import { Redis } from 'ioredis';
import { showUrl, unreachable } from '../storages/retry.js';
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

/**
 * The queue of many machines: BullMQ on Redis, Valkey or Postgres. Jobs are fetched by hand, since a lease here is renewed by the worker's
 * own main thread while the training has another.
 */
export class BullQueue implements TrialQueue {
  readonly heartbeatMs: number;
  readonly #where: string;
  readonly #leaseMs: number;
  readonly #patienceMs: number;
  readonly #queue: Queue;
  readonly #openWorker: () => Worker;
  readonly #connections: Redis[] = [];
  /**
   * Opened by the first lease: one that is closed before it is connected leaves a connection to Postgres behind, which keeps
   * the process alive (BullMQ 6.7).
   */
  #worker: Worker | undefined;
  #checking: Promise<void> | undefined;

  /** @param url `redis://…`, `rediss://…` or `postgres://…` */
  constructor(url: string, study: string, { leaseMs = 30_000, patienceMs = 60_000 }: BullQueueOptions = {}) {
    this.#where = showUrl(url);
    this.#leaseMs = leaseMs;
    this.#patienceMs = patienceMs;
    this.heartbeatMs = leaseMs / 3;
    // BullMQ allows no colons in names, and Postgres no long ones.
    const name = `denoise-${createHash('sha256').update(study).digest('hex').slice(0, 16)}`;
    const manual: Partial<WorkerOptions> = {
      autorun: false,
      lockDuration: leaseMs,
      stalledInterval: leaseMs / 2,
      maxStalledCount: MOST_STALLS,
    };
    if (/^postgres(ql)?:/.test(url)) {
      const connection = { connectionString: url, migrate: true } as unknown as QueueOptions['connection'];
      // The types of BullMQ tie a backend to its own kind of connection.
      const backend = createPostgresBackend as unknown as undefined;
      this.#queue = new Queue(name, { connection }, backend);
      this.#openWorker = () => new Worker(name, null, { connection, ...manual }, backend);
    } else {
      this.#queue = new Queue(name, { connection: this.#connect(url) });
      this.#openWorker = () => new Worker(name, null, { connection: this.#connect(url), ...manual });
    }
    // Outages are met where a call needs an answer.
    this.#queue.on('error', () => {});
  }

  #connect(url: string): Redis {
    const redis = new Redis(url, {
      maxRetriesPerRequest: null,
      retryStrategy: (times) => Math.min(100 * 2 ** times, 2000),
    });
    redis.on('error', () => {});
    this.#connections.push(redis);
    return redis;
  }

  async enqueue(trial: number): Promise<void> {
    const options = { jobId: `trial-${trial}`, removeOnComplete: true, removeOnFail: true };
    await this.#answered(this.#queue.add('trial', { trial }, options));
  }

  async lease(): Promise<Lease | undefined> {
    if (this.#worker === undefined) {
      this.#worker = this.#openWorker();
      this.#worker.on('error', () => {});
    }
    this.#checking ??= this.#worker.startStalledCheckTimer();
    await this.#answered(this.#checking);
    const token = randomUUID();
    const job = await this.#answered(this.#worker.getNextJob(token, { block: false }));
    if (job === undefined) return undefined;
    const lease: BullLease = { trial: (job.data as Lease).trial, job, token };
    return lease;
  }

  async heartbeat(lease: Lease): Promise<boolean> {
    const { job, token } = lease as BullLease;
    return this.#unlessLost(async () => (await job.extendLock(token, this.#leaseMs)) === 1);
  }

  async complete(lease: Lease): Promise<void> {
    const { job, token } = lease as BullLease;
    await this.#unlessLost(async () => {
      await job.moveToCompleted(null, token, false);
      return true;
    });
  }

  async fail(lease: Lease): Promise<void> {
    const { job, token } = lease as BullLease;
    await this.#unlessLost(async () => {
      await job.moveToWait(token);
      return true;
    });
  }

  /** False where the server says that the lock, or the job itself, is gone. */
  async #unlessLost(work: () => Promise<boolean>): Promise<boolean> {
    try {
      return await this.#answered(work());
    } catch (error) {
      if (/lock|missing|not in the active/i.test((error as Error).message)) return false;
      throw error;
    }
  }

  /** BullMQ waits for its server for ever. */
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
    for (const redis of this.#connections) if (redis.status !== 'ready') redis.disconnect();
    await Promise.allSettled([this.#worker?.close(true), this.#queue.close()]);
    for (const redis of this.#connections) redis.disconnect();
  }
}
