import { type Contract, type Invariant, splitPath } from "../define/contract.ts";
import { type RequestSpan, valueIn } from "./request.ts";
import type { Violations } from "./violation.ts";

/**
 * The contract's sums, wherever the request has all that they speak of. What is missing is reported
 * by other rules.
 */
export function checkInvariants(
  contract: Contract,
  request: RequestSpan,
  violations: Violations,
): void {
  const byIdentifier = new Map(
    withDescendants(request).map((stage) => [stage.definition.identifier, stage]),
  );
  for (const invariant of contract.invariants) {
    if (invariant.unless !== undefined && byIdentifier.has(invariant.unless)) {
      continue;
    }
    const left = sum(byIdentifier, invariant.left);
    const right = sum(byIdentifier, invariant.right);
    if (left !== undefined && right !== undefined && !holds(invariant, left, right)) {
      const { span } = splitPath(invariant.left[0]);
      const stage = byIdentifier.get(span) ?? request;
      const expected = `${write(contract, invariant.left)} ${words[invariant.relation]} ${write(contract, invariant.right)}`;
      violations.addNamed(stage.span, invariant.rule, `${left} and ${right}`, expected);
    }
  }
}

const words = { equals: "=", "at-least": ">=" } as const;

/** With the names on the wire: `llm.prefill:llm.cache.hits + llm.prefill:llm.cache.misses`. */
function write({ spans }: Contract, paths: readonly string[]): string {
  const names = paths.map((path) => {
    const { span, attribute } = splitPath(path);
    return `${spans[span]?.name}:${spans[span]?.attributes[attribute]?.key}`;
  });
  return names.join(" + ");
}

function holds(invariant: Invariant, left: number, right: number): boolean {
  return invariant.relation === "equals" ? left === right : left >= right;
}

function sum(
  stages: ReadonlyMap<string, RequestSpan>,
  paths: readonly string[],
): number | undefined {
  let total = 0;
  for (const path of paths) {
    const { span, attribute } = splitPath(path);
    const stage = stages.get(span);
    const value = stage && valueIn(stage, attribute);
    if (typeof value !== "number") {
      return undefined;
    }
    total += value;
  }
  return total;
}

function withDescendants(request: RequestSpan): RequestSpan[] {
  return [request, ...request.children.flatMap(withDescendants)];
}
