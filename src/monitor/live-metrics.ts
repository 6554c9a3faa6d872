import { Gauge, Registry } from 'prom-client';
import type { LiveSession } from '../../streams/live/live-session.js';
import type { LiveStatus } from '../../streams/live/live-status.js';
import type { Monitor } from './monitor.js';

type Value = (status: LiveStatus, monitor: Monitor) => number | null | undefined;

/** Name, help and value of each figure. */
const FIGURES: readonly (readonly [string, string, Value])[] = [
  ['denoise_live_audio_seconds', 'Audio given out so far.', ({ seconds }) => seconds],
  [
    'denoise_live_lost_seconds',
    'Samples that the source lost, in seconds.',
    ({ source }) => source.lostSeconds,
  ],
  [
    'denoise_live_source_retries',
    'Times that the source was connected anew.',
    ({ source }) => source.retries,
  ],
  ['denoise_live_input_dbfs', 'Level before the denoiser, RMS.', ({ input }) => input.rmsDb],
  ['denoise_live_output_dbfs', 'Level of the output, RMS.', ({ output }) => output.rmsDb],
  ['denoise_live_signal_to_noise_db', 'Signal over noise in the radio channel.', ({ radio }) => radio?.snrDb],
  [
    'denoise_live_squelch_open',
    '1 while the squelch is open.',
    ({ radio }) => radio && Number(radio.squelchOpen),
  ],
  ['denoise_live_load', 'Time that denoising takes per time of audio.', ({ denoiser }) => denoiser?.load],
  [
    'denoise_live_hop_p99_seconds',
    '99th percentile of the time of a hop.',
    ({ denoiser }) => denoiser && denoiser.hopMs.p99 / 1000,
  ],
  [
    'denoise_live_passed_through_seconds',
    'Audio that was not denoised because the machine was late.',
    ({ denoiser }) => denoiser?.passedThroughSeconds,
  ],
  [
    'denoise_live_delay_seconds',
    'Mean delay from sample in to sample out.',
    ({ latency }) => latency && latency.totalMs / 1000,
  ],
  ['denoise_live_dropped_seconds', 'Audio that outputs dropped.', ({ sink }) => sink.droppedSeconds],
  ['denoise_monitor_clients', 'Clients of the monitor.', (_, monitor) => monitor.clientCount],
  [
    'denoise_monitor_missed_frames',
    'Frames that the clients connected now missed.',
    (_, monitor) => monitor.missedFrames,
  ],
];

/** The session's figures in Prometheus' text format; what there is not is left out. */
export function liveMetrics(session: LiveSession, monitor: Monitor): Promise<string> {
  const registry = new Registry();
  const { status } = session;
  for (const [name, help, value] of FIGURES) {
    const now = value(status, monitor);
    if (now !== null && now !== undefined) new Gauge({ name, help, registers: [registry] }).set(now);
  }
  return registry.metrics();
}
