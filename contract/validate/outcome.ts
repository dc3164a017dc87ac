import { type Contract, childrenOf, type Outcome } from "../define/contract.ts";
import { hasChild, type RequestSpan, valueIn } from "./request.ts";
import { requireAttribute } from "./span-rules.ts";
import { TreeCheck } from "./tree.ts";
import type { Violations } from "./violation.ts";

/** Whether a request is what its outcome leaves behind. */
export function checkOutcome(
  contract: Contract,
  request: RequestSpan,
  violations: Violations,
): void {
  const outcome = outcomeOf(contract, request);
  if (outcome === undefined) {
    return; // A missing or unknown outcome is reported with the root's attributes.
  }
  const { span, definition } = request;
  if (span.status.code !== outcome.rootStatus) {
    violations.add(span, "wrong-status", span.status.code, outcome.rootStatus);
  }
  for (const identifier of outcome.needs ?? []) {
    requireAttribute(definition, identifier, span, violations);
  }
  checkRanges(request, outcome, violations);
  new TreeCheck(contract, outcome, violations).request(request);
  if (outcome.tree === "rejected" && hasEveryStage(contract, request)) {
    violations.add(span, "wrong-outcome", "every stage", "an end before the last stage");
  }
}

function outcomeOf(contract: Contract, request: RequestSpan): Outcome | undefined {
  const { outcomes } = contract;
  if (outcomes === undefined) {
    return request.span.status.code === "error"
      ? { meaning: "A stage threw.", tree: "failed", rootStatus: "error" }
      : { meaning: "Every stage did its work.", tree: "whole", rootStatus: "unset" };
  }
  const name = valueIn(request, outcomes.attribute);
  return typeof name === "string" && Object.hasOwn(outcomes.byName, name)
    ? outcomes.byName[name]
    : undefined;
}

function checkRanges(request: RequestSpan, outcome: Outcome, violations: Violations): void {
  for (const [identifier, [min, max]] of Object.entries(outcome.ranges ?? {})) {
    const value = valueIn(request, identifier);
    if (typeof value === "number" && (value < min || value > max)) {
      const key = request.definition.attributes[identifier]?.key;
      const expected = `${min === max ? min : `${min} to ${max}`} with this outcome`;
      violations.add(request.span, "value-not-allowed", `${key} = ${value}`, expected);
    }
  }
}

function hasEveryStage(contract: Contract, request: RequestSpan): boolean {
  return childrenOf(contract, request.definition).every(
    (stage) => stage.presence !== "always" || hasChild(request, stage),
  );
}
