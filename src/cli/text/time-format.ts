/** Seconds as a person reads them: `0.8 s`, `12 s`, `3:07 min`, `1:02:09 h`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)}:${two(whole % 60)} min`;
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)} h`;
}

/** A ratio of audio time to wall time: `3.4×`, `27×`. */
export function formatSpeed(timesRealTime: number): string {
  if (!Number.isFinite(timesRealTime)) return '?×';
  return timesRealTime < 10 ? `${timesRealTime.toFixed(1)}×` : `${Math.round(timesRealTime)}×`;
}
