import type { TargetJson } from "./dashboard.ts";
import { type Field, type Frame, findReducer } from "./frame.ts";

/** Whether a target is computed from others: Grafana's server does that, here the page. */
function isExpression({ datasource }: TargetJson): boolean {
  return datasource?.type === "__expr__";
}

/** Those that a panel asks its datasource: hidden ones too where an expression may need them. */
export function askedTargets(targets: readonly TargetJson[]): TargetJson[] {
  const computes = targets.some(isExpression);
  return targets.filter((target) => !isExpression(target) && (computes || target.hide !== true));
}

export interface Computed {
  readonly frames: readonly Frame[];
  /** What of the expressions the viewer does not know, a sentence each. */
  readonly unknown: readonly string[];
}

/** What a panel shows of the answers to its targets, in their order. Known are reductions of one target. */
export function computed(frames: readonly Frame[], targets: readonly TargetJson[] = []): Computed {
  if (!targets.some(isExpression)) {
    return { frames, unknown: [] };
  }
  const unknown: string[] = [];
  const shown = targets
    .filter(({ hide }) => hide !== true)
    .flatMap((target) => {
      const asked = isExpression(target) ? target.expression : target.refId;
      const answered = frames.filter(({ refId }) => refId === asked);
      if (!isExpression(target)) {
        return answered;
      }
      const reducer = findReducer(target.reducer ?? "");
      if (target.type !== "reduce" || reducer === undefined) {
        unknown.push(`The expression ${target.refId} is left out here.`);
        return [];
      }
      return answered.map((frame) => reduced(frame, target.refId, reducer.reduce));
    });
  return { frames: shown, unknown };
}

/** One value a field, which is called as its target. */
function reduced(
  { fields }: Frame,
  refId = "",
  reduce: (values: Field["values"]) => Field["values"][number],
): Frame {
  return {
    refId,
    fields: fields
      .filter(({ type }) => type === "number")
      .map(({ values, labels = {} }) => ({
        name: refId,
        type: "number",
        values: [reduce(values)],
        labels,
        config: {},
      })),
  };
}
