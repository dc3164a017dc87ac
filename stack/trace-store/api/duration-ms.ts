/** The field of Tempo's answers has 32 bits, and Grafana refuses a whole answer for a larger one. */
const most = 2n ** 32n - 1n;

/** How long a trace took, in whole milliseconds. */
export function durationMsOf({ durationNs }: { readonly durationNs: bigint }): number {
  const durationMs = durationNs / 1_000_000n;
  return Number(durationMs > most ? most : durationMs);
}
