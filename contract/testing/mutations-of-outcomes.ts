/** For tests: what can be wrong between a request's outcome and what it left behind. */
import { listChildren, type Outcome, type Span } from "#contract";
import { pick } from "../../tests/support/traces/draw.ts";
import {
  hasAttribute,
  isDone,
  isForRequestOf,
  type Mutation,
  type OwnAttribute,
  type OwnSpan,
  outcomeIn,
  pickAttribute,
  pickOwn,
  type Scene,
  treeIn,
  withoutAttribute,
  withValue,
} from "./trace-fixture.ts";

export const mutationsOfOutcomes: readonly Mutation[] = [
  {
    name: "what the outcome needs is missing",
    rule: "missing-attribute",
    apply: (scene) => {
      const picked = pickAttribute(
        scene,
        ({ own, identifier }) => outcomeIn(scene, own)?.needs?.includes(identifier) ?? false,
      );
      return picked && withoutAttribute(scene, picked.own, picked.attribute);
    },
  },
  {
    name: "a number is out of the outcome's range",
    rule: "value-not-allowed",
    apply: (scene) => {
      const getRange = ({ own, identifier }: OwnAttribute) =>
        outcomeIn(scene, own)?.ranges?.[identifier];
      const picked = pickAttribute(scene, (candidate) => getRange(candidate) !== undefined);
      const [min, max] = (picked && getRange(picked)) ?? [0, 0];
      const value = BigInt(pick(scene.draw, [min - 1, max + 1]));
      return picked && withValue(scene, picked.own, picked.attribute, { type: "int", value });
    },
  },
  {
    name: "another outcome, of another status",
    rule: "wrong-status",
    apply: (scene) =>
      withOutcome(scene, ({ rootStatus }, { span }) => rootStatus !== span.status.code),
  },
  {
    name: "another outcome, whose tree is whole",
    rule: "missing-span",
    apply: (scene) =>
      withOutcome(scene, ({ tree }, root) => tree === "complete" && !hasEveryStage(scene, root)),
  },
  {
    name: "another outcome, whose tree is not whole",
    rule: "wrong-outcome",
    apply: (scene) =>
      withOutcome(scene, ({ tree }, root) => tree === "rejected" && hasEveryStage(scene, root)),
  },
  {
    name: "a span that was cut does not say so",
    rule: "value-not-allowed",
    apply: (scene) => {
      const picked = pickAttribute(
        scene,
        ({ own, identifier }) =>
          (hasFailed(scene, own) && identifier in own.definition.whenFailed) ||
          (isInterrupted(scene, own) && identifier in own.definition.whenInterrupted),
      );
      return picked && withOtherValue(scene, picked);
    },
  },
  {
    name: "a span that was cut says nothing",
    rule: "value-not-allowed",
    apply: (scene) => {
      const picked = pickAttribute(
        scene,
        ({ own, identifier }) =>
          (hasFailed(scene, own) && identifier in own.definition.whenFailed) ||
          // Without it a stage that had done its work is incomplete, and so must say why.
          (mayBeInterrupted(scene, own) && identifier in own.definition.whenInterrupted),
      );
      return picked && withoutAttribute(scene, picked.own, picked.attribute);
    },
  },
  {
    name: "a span that did its work says that it was cut",
    rule: "value-not-allowed",
    apply: (scene) => {
      const listValues = ({ own: { definition }, identifier }: OwnAttribute) =>
        [definition.whenFailed[identifier], definition.whenInterrupted[identifier]].filter(
          (value) => typeof value === "string",
        );
      const picked = pickAttribute(
        scene,
        (candidate) => isDone(scene, candidate.own) && listValues(candidate).length > 0,
      );
      return (
        picked &&
        withValue(scene, picked.own, picked.attribute, {
          type: "string",
          value: pick(scene.draw, listValues(picked)),
        })
      );
    },
  },
];

/** The trace with the name of another outcome that the condition is true of. */
function withOutcome(
  scene: Scene,
  condition: (outcome: Outcome, root: OwnSpan) => boolean,
): Span[] | undefined {
  const { outcomes } = scene.contract;
  const root = pickOwn(scene, ({ definition }) => definition.parent === null);
  const attribute = root?.definition.attributes[outcomes?.attribute ?? ""];
  const names = Object.entries(outcomes?.byName ?? {})
    .filter(([, outcome]) => root && condition(outcome, root))
    .map(([name]) => name);
  return root && attribute && names.length > 0
    ? withValue(scene, root, attribute, { type: "string", value: pick(scene.draw, names) })
    : undefined;
}

function withOtherValue(scene: Scene, { own, attribute }: OwnAttribute): Span[] | undefined {
  const others = attribute.values?.filter(
    (value) =>
      !own.span.attributes.some(
        (other) =>
          other.key === attribute.key &&
          other.value.type === "string" &&
          other.value.value === value,
      ),
  );
  return (
    others &&
    withValue(scene, own, attribute, { type: "string", value: String(pick(scene.draw, others)) })
  );
}

function hasEveryStage({ contract, own }: Scene, parent: OwnSpan): boolean {
  return listChildren(contract, parent.definition).every(
    (stage) =>
      stage.presence !== "always" ||
      !isForRequestOf(parent, stage) ||
      own.some((child) => child.parent === parent && child.definition === stage),
  );
}

function hasFailed(scene: Scene, own: OwnSpan): boolean {
  return treeIn(scene, own) === "failed" && own.span.status.code === "error";
}

function mayBeInterrupted(scene: Scene, own: OwnSpan): boolean {
  return treeIn(scene, own) === "interrupted" && !isDone(scene, own);
}

/** Whether a span was certainly interrupted, whatever it says. */
function isInterrupted(scene: Scene, own: OwnSpan): boolean {
  const { attributes, onSuccess } = own.definition;
  const lacksValue = onSuccess.some((identifier) => {
    const attribute = attributes[identifier];
    return attribute !== undefined && !hasAttribute(own, attribute);
  });
  return (
    mayBeInterrupted(scene, own) &&
    (own.parent === undefined || lacksValue || !hasEveryStage(scene, own))
  );
}
