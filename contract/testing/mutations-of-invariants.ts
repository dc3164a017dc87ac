/** For tests: sums that cannot be. */
import { type Contract, findValue, type Invariant, splitPath } from "#contract";
import { pick } from "../../tests/support/traces/draw.ts";
import { type Mutation, type OwnSpan, rootIn, type Scene, withValue } from "./trace-fixture.ts";

/** One mutation for each invariant of a contract. */
export function mutationsOfInvariants(contract: Contract): Mutation[] {
  return contract.invariants.map((invariant) => ({
    name: `the sums do not fit: ${invariant.rule}`,
    rule: invariant.rule,
    contract,
    apply: (scene) => {
      const requests = scene.own.filter(
        (own) => own.definition.parent === null && isApplicable(scene, own, invariant),
      );
      return requests.length === 0
        ? undefined
        : breakSum(scene, pick(scene.draw, requests), invariant);
    },
  }));
}

function breakSum(scene: Scene, root: OwnSpan, invariant: Invariant) {
  const [path] = invariant.left;
  const left = sum(scene, root, invariant.left);
  const right = sum(scene, root, invariant.right);
  const surplus = invariant.relation === "equals" ? pick(scene.draw, [1, -1]) : -1;
  const value = BigInt(sum(scene, root, [path]) - left + right + surplus);
  const { span, attribute } = splitPath(path);
  const stage = findStage(scene, root, span);
  const definition = stage?.definition.attributes[attribute];
  return stage && definition && withValue(scene, stage, definition, { type: "int", value });
}

/** Whether a request has all that the invariant is about. */
function isApplicable(scene: Scene, root: OwnSpan, { left, right, unless }: Invariant): boolean {
  const isExcepted = unless !== undefined && findStage(scene, root, unless) !== undefined;
  return !isExcepted && Number.isFinite(sum(scene, root, [...left, ...right]));
}

/** NaN where a value is missing. */
function sum(scene: Scene, root: OwnSpan, paths: readonly string[]): number {
  return paths.reduce((total, path) => {
    const { span, attribute } = splitPath(path);
    const stage = findStage(scene, root, span);
    const key = stage?.definition.attributes[attribute]?.key ?? "";
    const value = stage && findValue(stage.span.attributes, key);
    return total + (value?.type === "int" ? Number(value.value) : Number.NaN);
  }, 0);
}

function findStage(scene: Scene, root: OwnSpan, identifier: string): OwnSpan | undefined {
  return scene.own.find((own) => own.definition.identifier === identifier && rootIn(own) === root);
}
