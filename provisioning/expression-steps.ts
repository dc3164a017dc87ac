import type { Evaluator, RuleStep } from "./model/alerting.ts";

/**
 * The steps behind a query A: takes the last number of each series, and compares it. What is no number is
 * taken for zero, or left out.
 */
export function expressionSteps(
  relativeTimeRange: RuleStep["relativeTimeRange"],
  evaluator: Evaluator,
  noNumber: "zero" | "dropNN",
): RuleStep[] {
  const expression = { datasource: { type: "__expr__", uid: "__expr__" } } as const;
  const reduce = {
    refId: "B",
    ...expression,
    type: "reduce",
    expression: "A",
    reducer: "last",
  } as const;
  return [
    {
      refId: "B",
      relativeTimeRange,
      datasourceUid: "__expr__",
      model: {
        ...reduce,
        settings:
          noNumber === "zero" ? { mode: "replaceNN", replaceWithValue: 0 } : { mode: "dropNN" },
      },
    },
    {
      refId: "C",
      relativeTimeRange,
      datasourceUid: "__expr__",
      model: {
        refId: "C",
        ...expression,
        type: "threshold",
        expression: "B",
        conditions: [{ evaluator }],
      },
    },
  ];
}
