const smallUnits = [
  [1e6, "ms"],
  [1e3, "µs"],
  [1, "ns"],
] as const;

/** As Go writes a duration: `1m30s`, `1.5ms`. */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) {
    return "0s";
  }
  const sign = nanoseconds < 0 ? "-" : "";
  const size = Math.trunc(Math.abs(nanoseconds));
  for (const [unit, name] of smallUnits) {
    if (size < 1e9 && size >= unit) {
      return `${sign}${size / unit}${name}`;
    }
  }
  const hours = Math.floor(size / 3600e9);
  const minutes = Math.floor((size % 3600e9) / 60e9);
  const seconds = `${(size % 60e9) / 1e9}s`;
  if (hours > 0) {
    return `${sign}${hours}h${minutes}m${seconds}`;
  }
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}
