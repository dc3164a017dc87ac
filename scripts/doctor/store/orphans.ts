import {
  type Contract,
  longestRequestMs,
  requestRoots,
  type SampledTrace,
  type Service,
} from "#contract";
import { type Check, orFine, type Seen, skipped } from "../check.ts";
import { Finding } from "../finding.ts";
import type { AskedStore } from "../subject.ts";
import { isSeen, newestEndMs, type ServiceSample, spansOf } from "./samples.ts";

/** Spans whose parent is not in their trace, of any service. */
export function orphansCheck(
  { option }: AskedStore,
  samples: () => Promise<readonly ServiceSample[]>,
  services: readonly Service[],
): Check {
  return {
    name: "Trees",
    why: "TraceQL's structural operators match nothing across a gap, and the time of what is missing is nobody's.",
    look: async () => {
      const contracts = services.map(({ contract }) => contract);
      const read = await samples();
      if (!read.some(isSeen)) {
        return skipped("there is no trace to look at.");
      }
      const awaited = read.flatMap(({ traces }) => traces).filter(isAwaited(contracts)).length;
      const note =
        awaited === 0 ? "" : ` ${awaited} may not be complete yet: a request's root is sent last.`;
      return orFine(
        read.flatMap((sample) => findOrphans(sample, contracts, option)),
        `every span's parent is there.${note}`,
      );
    },
  };
}

function findOrphans(
  { service, traces }: ServiceSample,
  contracts: readonly Contract[],
  option: string,
): Seen[] {
  const found = traces.filter(
    (trace) =>
      !isAwaited(contracts)(trace) &&
      orphansOf(trace, contracts).some((span) => spansOf(service, trace).includes(span)),
  );
  const [newest] = found;
  if (newest === undefined) {
    return [];
  }
  const rootless = found.filter((trace) => !hasRoot(trace, contracts)).length;
  const counted = { service, count: found.length, all: traces.length, rootless };
  return [new Finding("orphan_spans", { ...counted, example: `${newest.traceId}${option}` })];
}

/** The root of a request may have a parent elsewhere, such as at a client that sends no spans. */
function orphansOf({ spans }: SampledTrace, contracts: readonly Contract[]) {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const roots = new Set(contracts.flatMap((contract) => requestRoots(contract, spans)));
  return spans.filter(
    (span) => span.parentSpanId !== null && !ids.has(span.parentSpanId) && !roots.has(span),
  );
}

function hasRoot({ spans }: SampledTrace, contracts: readonly Contract[]): boolean {
  return (
    spans.some(({ parentSpanId }) => parentSpanId === null) ||
    contracts.some((contract) => requestRoots(contract, spans).length > 0)
  );
}

function isAwaited(contracts: readonly Contract[]) {
  return (trace: SampledTrace) =>
    Date.now() - newestEndMs(trace.spans) < longestRequestMs &&
    orphansOf(trace, contracts).length > 0;
}
