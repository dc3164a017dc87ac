import { rules } from "#contract";
import type { ReadStore } from "../../stack/index.ts";
import { createSarif, type SarifResult, type SarifRule } from "../sarif/sarif.ts";
import type { ServiceCheck } from "./check-service.ts";
import { listFindings } from "./lines.ts";

const otherRules: readonly SarifRule[] = [
  {
    id: "broken-invariant",
    text: "The sums of a request that the contract declares hold.",
    level: "error",
  },
  {
    id: "gone-name",
    text: "What dashboards, saved queries and alerts ask for is still sent.",
    level: "warning",
  },
  { id: "no-traces", text: "There are traces to judge.", level: "error" },
];

/**
 * What was found, for code scanning. Its place is the configuration, which names the contract; the span and
 * the attribute stand beside it.
 * @param place the configuration, relative to where the command runs.
 */
export function createCheckSarif(
  checks: readonly ServiceCheck[],
  { store, place }: { readonly store: ReadStore; readonly place: string },
): object {
  const sarifRules = [
    ...Object.entries(rules).map(([id, text]): SarifRule => ({ id, text, level: "error" })),
    ...otherRules,
  ];
  return createSarif({
    tool: "contract:check",
    rules: sarifRules,
    results: checks.flatMap((check) => listResults(check, store, place)),
  });
}

function listResults(check: ServiceCheck, store: ReadStore, place: string): SarifResult[] {
  if (check.result === "no_traces") {
    const message = `${check.service}: there is no trace to judge.`;
    return [
      {
        ruleId: "no-traces",
        message,
        locations: [{ place, logicalName: check.service }],
        fingerprint: check.service,
      },
    ];
  }
  const found = [
    ...check.violations.map(({ rule, spanName, subject, newest }) => ({
      ruleId: Object.hasOwn(rules, rule) ? rule : "broken-invariant",
      name: [spanName, subject],
      newest,
    })),
    ...check.newNames.map(({ kind, name, spanName, newest }) => ({
      ruleId: kind === "span" ? "unknown-span" : "unknown-attribute",
      name: kind === "span" ? [name] : [spanName, name],
      newest,
    })),
    ...check.goneNames.map(({ name, spanNames }) => ({
      ruleId: "gone-name",
      name: [spanNames[0], name],
      newest: undefined,
    })),
  ];
  return listFindings(check, store, Date.now()).map(({ key, title, details }, index) => {
    const { ruleId = "", name = [], newest } = found[index] ?? {};
    return {
      ruleId,
      message: [title, ...details].join("\n"),
      locations: [{ place, logicalName: [check.service, ...name].filter(Boolean).join("/") }],
      fingerprint: key,
      viewedAt: newest && store.traceLink(newest.traceId),
    };
  });
}
