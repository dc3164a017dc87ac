import { type Contract, type Outcome, rootOf } from "../define/contract.ts";
import type { SavedQuery } from "../define/saved-query.ts";
import { withRootColumns } from "./root-columns.ts";
import type { SaveQuery } from "./save-query.ts";

/** One for each way to end that leaves no whole tree. */
export function outcomeQueries(contract: Contract, save: SaveQuery<Contract>): SavedQuery[] {
  const { outcomes } = contract;
  if (outcomes === undefined) {
    return [];
  }
  return namesOfOutcomes(contract, ({ tree }) => tree !== "whole").map((name) => {
    const { meaning, rootStatus, tree } = outcomes.byName[name] as Outcome;
    return save(`${name}-requests`, {
      title: `Requests with the outcome ${name}`,
      question: `Which requests ended as ${name}?`,
      action: `${meaning} ${actions[tree]}`,
      severity: rootStatus === "error" ? "warning" : "info",
      tags: ["outcomes"],
      ask: (query) => {
        const found = query.spans(rootOf(contract).identifier, (attributes) => {
          const outcome = attributes[outcomes.attribute];
          if (outcome?.kind !== "string") {
            throw new RangeError(`The outcome ${outcomes.attribute} is no string.`);
          }
          return outcome.eq(name);
        });
        return { found, table: withRootColumns(contract, found), count: found.countOverTime() };
      },
    });
  });
}

const actions = {
  whole: "",
  failed: "Failed requests by stage says where.",
  rejected: "See whether one client or one cause stands out among the errors.",
  interrupted: "Open the trace and see which stage was running, and for how long.",
} as const satisfies Record<Outcome["tree"], string>;

export function namesOfOutcomes(
  contract: Contract,
  condition: (outcome: Outcome) => boolean,
): string[] {
  return Object.entries(contract.outcomes?.byName ?? {})
    .filter(([, outcome]) => condition(outcome))
    .map(([name]) => name);
}
