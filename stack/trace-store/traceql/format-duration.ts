const second = 1_000_000_000n;
const smallUnits = [
  [1_000_000n, 6, "ms"],
  [1_000n, 3, "µs"],
  [1n, 0, "ns"],
] as const;

/** As Go writes a duration: `1m30s`, `1.5ms`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) {
    return "0s";
  }
  const sign = nanoseconds < 0n ? "-" : "";
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  for (const [unit, digits, name] of smallUnits) {
    if (size < second && size >= unit) {
      return `${sign}${withPoint(size, digits)}${name}`;
    }
  }
  const hours = size / (3600n * second);
  const minutes = (size / (60n * second)) % 60n;
  const seconds = `${withPoint(size % (60n * second), 9)}s`;
  if (hours > 0n) {
    return `${sign}${hours}h${minutes}m${seconds}`;
  }
  return minutes > 0n ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

/** So many digits stand behind the point, less the zeros at the end. */
function withPoint(value: bigint, digits: number): string {
  const unit = 10n ** BigInt(digits);
  const fraction =
    digits === 0
      ? ""
      : String(value % unit)
          .padStart(digits, "0")
          .replace(/0+$/, "");
  return fraction === "" ? String(value / unit) : `${value / unit}.${fraction}`;
}
