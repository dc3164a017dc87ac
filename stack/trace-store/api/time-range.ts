import type { Parameters } from "./parameters.ts";

export interface TimeRange {
  readonly startNs: bigint;
  readonly endNs: bigint;
}

const hourNs = 3_600_000_000_000n;

/** The range of a search or of tags: all that is stored when start and end are not given, or both 0. */
export function readSearchRange(
  parameters: Parameters,
  longestHours: number,
): TimeRange | { readonly startNs: null; readonly endNs: null } {
  const everything = { startNs: null, endNs: null };
  if (parameters.text("start") === null && parameters.text("end") === null) {
    return everything;
  }
  const startNs = parameters.timeNs("start");
  const endNs = parameters.timeNs("end");
  if (parameters.text("start") === null || parameters.text("end") === null) {
    parameters.fault("invalid range: give both start and end, or neither");
  }
  if (startNs === null || endNs === null || (startNs === 0n && endNs === 0n)) {
    return everything;
  }
  if (startNs > endNs) {
    parameters.fault("invalid start: it must be before end");
  }
  checkLength(parameters, { startNs, endNs }, longestHours);
  return { startNs, endNs };
}

/** The range of a metrics query: the last hour unless something else is given. */
export function readMetricsRange(parameters: Parameters, longestHours: number): TimeRange {
  const endNs = parameters.timeNs("end") ?? BigInt(Date.now()) * 1_000_000n;
  const startNs = parameters.timeNs("start") ?? endNs - (parameters.boundNs("since") ?? hourNs);
  if (startNs > endNs) {
    parameters.fault("invalid start: it must be before end");
  }
  checkLength(parameters, { startNs, endNs }, longestHours);
  return { startNs, endNs };
}

function checkLength(
  parameters: Parameters,
  { startNs, endNs }: TimeRange,
  longestHours: number,
): void {
  if (endNs - startNs > BigInt(longestHours) * hourNs) {
    parameters.fault(`invalid range: from start to end it may be ${longestHours} h at most`);
  }
}
