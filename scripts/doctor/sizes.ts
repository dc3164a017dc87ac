const units = [
  ["GB", 1e9],
  ["MB", 1e6],
  ["kB", 1e3],
] as const;

/** `1.5 GB`. */
export function formatBytes(bytes: number): string {
  const [unit, size] = units.find(([, least]) => bytes >= least) ?? ["bytes", 1];
  const number = bytes / size;
  return `${number < 10 && size > 1 ? number.toFixed(1) : Math.round(number)} ${unit}`;
}

/** `1 h 5 min`, `40 s`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 120) {
    return `${whole} s`;
  }
  const minutes = Math.round(whole / 60);
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48
    ? `${hours} h${minutes % 60 === 0 ? "" : ` ${minutes % 60} min`}`
    : `${Math.round(hours / 24)} d`;
}
