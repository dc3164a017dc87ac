import { fetchIngestCounts, outcomeList, StackError } from "../../../stack/index.ts";
import { type Check, orFine, type Seen } from "../check.ts";
import { Finding } from "../finding.ts";

/** What the embedded store refused and changed since it started. */
export function ingestCheck(tempoUrl: string): Check {
  return {
    name: "Intake",
    why: "What is refused is in no trace; a changed text or time is not what was sent.",
    look: async () => {
      const counts = await fetchIngestCounts(tempoUrl);
      if (counts === null) {
        const reason = "it does not say what came in";
        return new StackError("store_unreachable", { address: tempoUrl, reason });
      }
      const { exports, spans, outcomes, refusals, removed } = counts;
      const refused = outcomeList(outcomes, { isRefusal: true });
      const changed = outcomeList(outcomes, { isRefusal: false });
      const parts = listed(removed);
      const findings: Seen[] = [
        ...(exports.refused > 0
          ? [new Finding("exports_refused", { count: exports.refused, reasons: listed(refusals) })]
          : []),
        ...(refused === "" ? [] : [new Finding("spans_refused", { reasons: refused })]),
        ...(changed === "" ? [] : [new Finding("spans_changed", { reasons: changed })]),
        ...(parts === "" ? [] : [new Finding("spans_filtered", { parts })]),
      ];
      return orFine(findings, `${spans.taken} spans came in since the store started, as sent.`);
    },
  };
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([kind, number]) => `${kind.replaceAll("_", " ")} (${number})`)
    .join(", ");
}
