/** For tests: what a request may leave behind by its contract, before it has times and ids. */
import fc from "fast-check";
import {
  type Contract,
  getRootSpan,
  isForRequest,
  listChildren,
  type Outcome,
  type SpanDefinition,
} from "#contract";
import { drawValue } from "./attribute-values.ts";
import { type Draw, pick, some } from "./draw.ts";
import { keepInvariants } from "./kept-invariants.ts";
import type { PlannedSpan } from "./planned-span.ts";

type Ending = "done" | "rejected" | "failed" | "interrupted";

/** A request of the contract, with one of the outcomes named, or with any. */
export function planRequest(
  draw: Draw,
  contract: Contract,
  outcomeNames?: readonly string[],
): PlannedSpan {
  const root = getRootSpan(contract);
  const all = contract.outcomes?.byName ?? withoutOutcomes;
  const name = pick(draw, outcomeNames ?? Object.keys(all));
  const outcome = all[name] as Outcome;
  const ending = outcome.tree === "complete" ? "done" : outcome.tree;
  const isCut = ending === "failed" || ending === "interrupted";
  const planned = planSpan(draw, contract, root, ending, isCut ? drawPath(draw, contract) : []);
  for (const identifier of outcome.needs ?? []) {
    setUnlessThere(draw, planned, identifier);
  }
  for (const [identifier, [min, max]] of Object.entries(outcome.ranges ?? {})) {
    planned.values.set(identifier, draw(fc.integer, { min, max }));
  }
  if (contract.outcomes !== undefined) {
    planned.values.set(contract.outcomes.attribute, name);
  }
  keepInvariants(contract, planned);
  return { ...planned, status: outcome.rootStatus };
}

/** What a request may be by a contract that names no outcomes. */
const withoutOutcomes: Readonly<Record<string, Outcome>> = {
  complete: { brief: "", tree: "complete", rootStatus: "unset" },
  failed: { brief: "", tree: "failed", rootStatus: "error" },
};

/**
 * @param below Where the request was cut, below this span: its child first, then that one's child.
 *   Empty when this span itself was cut, or when nothing was.
 */
function planSpan(
  draw: Draw,
  contract: Contract,
  definition: SpanDefinition,
  ending: Ending,
  below: readonly SpanDefinition[] = [],
): PlannedSpan {
  const [cut, ...belowCut] = below;
  const values = planValues(draw, definition, ending);
  if (cut?.onlyFor !== undefined) {
    values.set(cut.onlyFor.attribute, pick(draw, cut.onlyFor.isOneOf));
  }
  const children = listChildren(contract, definition).filter((child) =>
    isForRequest(child, (identifier) => values.get(identifier)),
  );
  const stages = children.filter(({ presence }) => presence !== "sampled");
  const present = reachedStages(draw, stages, ending, cut).filter(
    (stage) => stage === cut || stage.presence === "always" || draw(fc.boolean),
  );
  const samples = children
    .filter(({ presence }) => presence === "sampled")
    .flatMap((sample) => Array.from({ length: draw(fc.nat, { max: 2 }) }, () => sample));
  return {
    definition,
    status: ending === "failed" ? "error" : "unset",
    threw: ending === "failed" && cut === undefined,
    values,
    stages: present.map((stage) =>
      stage === cut
        ? planSpan(draw, contract, stage, ending, belowCut)
        : planSpan(draw, contract, stage, "done"),
    ),
    samples: [
      ...samples.map((sample) => {
        // Samples may run at the same time, so several may be interrupted.
        const isCut = ending === "interrupted" && draw(fc.boolean);
        return planSpan(draw, contract, sample, isCut ? ending : "done");
      }),
      ...(cut?.presence === "sampled" ? [planSpan(draw, contract, cut, ending, belowCut)] : []),
    ],
  };
}

/** The stages up to where the request was cut. */
function reachedStages(
  draw: Draw,
  stages: readonly SpanDefinition[],
  ending: Ending,
  cut: SpanDefinition | undefined,
): readonly SpanDefinition[] {
  if (ending === "done") {
    return stages;
  }
  if (cut !== undefined && stages.includes(cut)) {
    return stages.slice(0, stages.indexOf(cut) + 1);
  }
  // Of a request that was rejected, one stage at least that is always there is not.
  const max =
    ending === "rejected"
      ? stages.findLastIndex(({ presence }) => presence === "always")
      : stages.length;
  return stages.slice(0, draw(fc.nat, { max }));
}

/** From the root's child down to any span of the contract: empty for the root itself. */
function drawPath(draw: Draw, contract: Contract): SpanDefinition[] {
  const path: SpanDefinition[] = [];
  let current = pick(draw, Object.values(contract.spans));
  while (current.parent !== null) {
    path.unshift(current);
    current = contract.spans[current.parent] as SpanDefinition;
  }
  return path;
}

function planValues(draw: Draw, definition: SpanDefinition, ending: Ending): Map<string, unknown> {
  const { atStart, atEnd, onSuccess, optional, whenFailed, whenInterrupted } = definition;
  const identifiers = [
    ...atStart,
    ...atEnd,
    ...(ending === "done" ? onSuccess : some(draw, onSuccess)),
    ...some(draw, optional),
  ];
  const values = new Map<string, unknown>();
  for (const identifier of identifiers) {
    const reserved = [whenFailed[identifier], whenInterrupted[identifier]];
    const attribute = findAttribute(definition, identifier);
    const isReserved = reserved.some((value) => value !== undefined);
    values.set(identifier, drawValue(draw, attribute, isReserved ? reserved : []));
  }
  const replacements = { failed: whenFailed, interrupted: whenInterrupted, done: {}, rejected: {} };
  for (const [identifier, value] of Object.entries(replacements[ending])) {
    values.set(identifier, value);
  }
  return values;
}

function setUnlessThere(draw: Draw, { definition, values }: PlannedSpan, identifier: string): void {
  if (!values.has(identifier)) {
    values.set(identifier, drawValue(draw, findAttribute(definition, identifier)));
  }
}

function findAttribute(definition: SpanDefinition, identifier: string) {
  const attribute = definition.attributes[identifier];
  if (attribute === undefined) {
    throw new RangeError(`${definition.identifier} has no attribute ${identifier}.`);
  }
  return attribute;
}
