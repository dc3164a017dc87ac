import { type Contract, rootOf } from "../define/contract.ts";
import type { SavedQuery } from "../define/saved-query.ts";
import { milliseconds } from "../traceql/duration.ts";
import { brokenSums } from "./broken-sums.ts";
import { namesOfOutcomes, outcomeQueries } from "./outcomes.ts";
import { threshold } from "./parameter.ts";
import { withRootColumns } from "./root-columns.ts";
import type { SaveQuery } from "./save-query.ts";
import { treeQueries } from "./trees.ts";

/** The saved queries that any contract has: how requests end, how long they take, what must never be. */
export function derivedQueries(contract: Contract, save: SaveQuery<Contract>): SavedQuery[] {
  return [
    failedStages(contract, save),
    ...outcomeQueries(contract, save),
    slowRequests(contract, save),
    ...treeQueries(contract, save),
    ...brokenSums(contract, save),
  ];
}

const slowRequest = threshold(10_000, { meaning: "How long a request may take.", unit: "ms" });

function slowRequests(contract: Contract, save: SaveQuery<Contract>): SavedQuery {
  return save("slow-requests", {
    title: "Slow requests",
    question: "Which requests took long from the first byte to the last?",
    action: "Open the trace and see which stage took the time; the queries on speed name each.",
    severity: "warning",
    tags: ["speed"],
    parameters: { threshold: slowRequest },
    ask: (query, values) => {
      const found = query.spans(rootOf(contract).identifier, (_, span) =>
        span.duration.gt(milliseconds(values.threshold)),
      );
      return { found, table: withRootColumns(contract, found), count: found.countOverTime() };
    },
  });
}

/** Of a failed request the innermost span that failed, and no other: so each is counted once. */
function failedStages(contract: Contract, save: SaveQuery<Contract>): SavedQuery {
  const root = rootOf(contract).identifier;
  const [first, ...others] = namesOfOutcomes(contract, ({ tree }) => tree === "failed");
  return save("failed-stages", {
    title: "Failed requests by stage",
    question: "Which requests failed, and in which stage?",
    action:
      "Open the trace: the innermost failed span has the exception with its place in the code, and the log lines of the trace say what came before.",
    severity: "critical",
    tags: ["failures"],
    alert: { windowMinutes: 5, above: 0, forMinutes: 0 },
    ask: (query) => {
      const stages = query.anySpan((_, span) => span.status.eq("error").and(span.name.ne(root)));
      const failed = query.anySpan((attributes, span) => {
        const outcome = attributes[contract.outcomes?.attribute ?? ""];
        // Only a failure leaves an error on a stage; on the root, other outcomes may.
        return outcome?.kind === "string" && first !== undefined
          ? span.status.eq("error").and(span.name.ne(root).or(outcome.isOneOf(first, ...others)))
          : span.status.eq("error");
      });
      const found = failed.unrelated("parent", stages);
      return {
        found,
        table: found.select(query.span.name, query.span.statusMessage),
        count: found.countOverTime().by(query.span.name),
        total: found.countOverTime(),
      };
    },
  });
}
