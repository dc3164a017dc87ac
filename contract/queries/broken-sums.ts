import { type Contract, type Invariant, splitPath } from "../define/contract.ts";
import type { SavedQuery } from "../define/saved-query.ts";
import { anyOf, type Condition } from "../traceql/condition.ts";
import type { Quantity } from "../traceql/quantity.ts";
import type { Traceql } from "../traceql/vocabulary.ts";
import type { SaveQuery } from "./save-query.ts";

/**
 * The contract's sums over the attributes of one span. TraceQL cannot compare the attributes of one
 * span with those of another: for sums across spans there is the check of a trace.
 */
export function brokenSums(contract: Contract, save: SaveQuery<Contract>): SavedQuery[] {
  const invariants = contract.invariants.filter(isWithinOneSpan);
  if (invariants.length === 0) {
    return [];
  }
  return [
    save("broken-sums", {
      title: "Sums that do not hold",
      question: "Which spans contradict themselves?",
      action: `A stage counts wrongly, or values were lost. ${invariants.map(({ meaning }) => meaning).join(" ")} Check the trace with npm run trace:check, which also judges sums across spans.`,
      severity: "critical",
      tags: ["contract"],
      alert: { windowMinutes: 5, above: 0, forMinutes: 0 },
      ask: (query) => {
        const found = query.anySpan((_, span) =>
          anyOf(
            invariants.map((invariant) =>
              span.name.eq(spanOf(invariant)).and(isBroken(query, invariant)),
            ),
          ),
        );
        const fields = invariants.flatMap((invariant) =>
          [...invariant.left, ...invariant.right].map((path) => splitPath(path).attribute),
        );
        return {
          found,
          table: found.select(query.span.name, ...new Set(fields)),
          count: found.countOverTime().by(query.span.name),
          total: found.countOverTime(),
        };
      },
    }),
  ];
}

function isWithinOneSpan({ left, right, unless }: Invariant): boolean {
  const spans = new Set([...left, ...right].map((path) => splitPath(path).span));
  return spans.size === 1 && unless === undefined;
}

function spanOf({ left }: Invariant): string {
  return splitPath(left[0]).span;
}

function isBroken(query: Traceql<Contract>, { left, relation, right }: Invariant): Condition {
  const leftSum = sumOf(query, left);
  const rightSum = sumOf(query, right);
  return relation === "equals" ? leftSum.ne(rightSum) : leftSum.lt(rightSum);
}

function sumOf(
  query: Traceql<Contract>,
  [first, ...others]: Invariant["left"],
): Quantity<"int" | "number"> {
  return others.reduce<Quantity<"int" | "number">>(
    (sum, path) => sum.add(integerAt(query, path)),
    integerAt(query, first),
  );
}

function integerAt(query: Traceql<Contract>, path: string): Quantity<"int"> {
  const { span, attribute } = splitPath(path);
  const field = query.attributes(span)[attribute];
  if (field?.kind !== "int") {
    throw new RangeError(`${path} is no integer.`);
  }
  return field;
}
