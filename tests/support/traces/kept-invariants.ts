/** For tests: makes a contract's sums come true in a planned request. */
import { type Contract, type Invariant, splitPath } from "#contract";
import type { PlannedSpan } from "./planned-span.ts";

type Stages = ReadonlyMap<string, PlannedSpan>;

/** More rounds than any contract here needs. */
const maxRounds = 20;

/** Changes values until every invariant holds that the request has all values for. */
export function keepInvariants(contract: Contract, request: PlannedSpan): void {
  const stages: Stages = new Map(
    withStages(request).map((stage) => [stage.definition.identifier, stage]),
  );
  for (let round = 0; round < maxRounds; round++) {
    const broken = contract.invariants.filter((invariant) => !isKept(stages, invariant));
    if (broken.length === 0) {
      return;
    }
    for (const invariant of broken) {
      mend(stages, invariant);
    }
  }
  throw new Error("The invariants of this contract cannot be made true one after the other.");
}

/** True also where the request lacks what the invariant is about. */
function isKept(stages: Stages, { left, right, relation, unless }: Invariant): boolean {
  const leftSum = sum(stages, left);
  const rightSum = sum(stages, right);
  return (
    (unless !== undefined && stages.has(unless)) ||
    leftSum === undefined ||
    rightSum === undefined ||
    (relation === "equals" ? leftSum === rightSum : leftSum >= rightSum)
  );
}

/** Gives the left side the sum of the right one, none of its values below zero. */
function mend(stages: Stages, { left, right }: Invariant): void {
  let remaining = sum(stages, right) ?? 0;
  for (const path of left.slice(1)) {
    const value = Math.min(get(stages, path) ?? 0, remaining);
    set(stages, path, value);
    remaining -= value;
  }
  set(stages, left[0], remaining);
}

function sum(stages: Stages, paths: readonly string[]): number | undefined {
  const values = paths.map((path) => get(stages, path));
  return values.includes(undefined)
    ? undefined
    : values.reduce((total: number, value) => total + (value ?? 0), 0);
}

function get(stages: Stages, path: string): number | undefined {
  const { span, attribute } = splitPath(path);
  return stages.get(span)?.values.get(attribute) as number | undefined;
}

function set(stages: Stages, path: string, value: number): void {
  const { span, attribute } = splitPath(path);
  stages.get(span)?.values.set(attribute, value);
}

function withStages(span: PlannedSpan): PlannedSpan[] {
  return [span, ...span.stages.flatMap(withStages)];
}
