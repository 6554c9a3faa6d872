import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type Metric,
} from 'prom-client';

/** Bounds of the delay's histogram, seconds: 0.05 is the bound that the server is built for. */
const DELAY_BUCKETS = [0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.2, 0.5, 1];

/** The figures of one process. Those of several, behind one port, are added up by the registry of their parent. */
export class ServeMetrics {
  readonly registry = new AggregatorRegistry();
  readonly streams = this.#add(
    new Gauge({ name: 'denoise_serve_streams', help: 'Streams now.', registers: [] }),
  );
  readonly started = this.#add(
    new Counter({ name: 'denoise_serve_streams_total', help: 'Streams that were started.', registers: [] }),
  );
  readonly audio = this.#add(
    new Counter({ name: 'denoise_serve_audio_seconds_total', help: 'Audio that came in.', registers: [] }),
  );
  readonly delay = this.#add(
    new Histogram({
      name: 'denoise_serve_delay_seconds',
      help: 'From the arrival of a frame to the sending of the samples that it completed.',
      buckets: DELAY_BUCKETS,
      registers: [],
    }),
  );
  readonly pauses = this.#add(
    new Counter({
      name: 'denoise_serve_pauses_total',
      help: 'Times that a client was not read from, because it was ahead.',
      registers: [],
    }),
  );
  readonly refused = this.#add(
    new Counter({
      name: 'denoise_serve_refused_total',
      help: 'Clients turned away, by reason.',
      labelNames: ['reason'],
      registers: [],
    }),
  );
  readonly ended = this.#add(
    new Counter({
      name: 'denoise_serve_ended_total',
      help: 'Streams that ended, by what ended them.',
      labelNames: ['reason'],
      registers: [],
    }),
  );

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    AggregatorRegistry.setRegistries(this.registry);
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  #add<T extends Metric>(metric: T): T {
    this.registry.registerMetric(metric);
    return metric;
  }
}
