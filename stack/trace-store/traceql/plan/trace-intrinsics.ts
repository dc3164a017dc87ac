import type { IntrinsicName } from "#traceql";
import { nestedSetsSql } from "./nested-sets.ts";
import { clampedSql } from "./sql-text.ts";
import { single, type TypedSql } from "./typed-sql.ts";

/** Intrinsics of a span that only the other spans of its trace tell, from a table beside `s`. */
export const traceIntrinsics: Partial<
  Record<IntrinsicName, { readonly join: keyof typeof traceJoins; readonly value: TypedSql }>
> = {
  "span:childCount": {
    join: "children",
    value: single("int", "coalesce(children.child_count, 0)"),
  },
  "trace:duration": { join: "whole", value: single("duration", "whole.duration_ns") },
  // A trace without a root has empty ones.
  "trace:rootName": { join: "root", value: single("string", "coalesce(root.name, '')") },
  "trace:rootService": { join: "root", value: single("string", "coalesce(root.service, '')") },
  // A span that no path from a root leads to has zeros, as in Tempo.
  nestedSetParent: {
    join: "nested",
    value: single(
      "int",
      "CASE WHEN s.parent_id IS NULL THEN -1 ELSE coalesce(nested.parent_left, 0) END",
    ),
  },
  nestedSetLeft: { join: "nested", value: single("int", "coalesce(nested.set_left, 0)") },
  nestedSetRight: { join: "nested", value: single("int", "coalesce(nested.set_right, 0)") },
};

const wholeDuration = clampedSql(
  "max(CAST(start_ns AS HUGEINT) + duration_ns) - min(CAST(start_ns AS HUGEINT))",
);

/** @param traces A SELECT of the trace_ids that matter, or null for all: then every span is read. */
type Join = (traces: string | null) => string;

export const traceJoins = {
  children: (traces) =>
    `LEFT JOIN (SELECT trace_id, parent_id, count(*) AS child_count FROM spans WHERE parent_id IS NOT NULL${among(traces)} GROUP BY ALL) children ON children.trace_id = s.trace_id AND children.parent_id = s.span_id`,
  whole: (traces) =>
    `LEFT JOIN (SELECT trace_id, ${wholeDuration} AS duration_ns FROM spans WHERE true${among(traces)} GROUP BY ALL) whole ON whole.trace_id = s.trace_id`,
  root: (traces) =>
    `LEFT JOIN (SELECT trace_id, arg_min(name, (start_ns, span_id)) AS name, arg_min(coalesce(service, ''), (start_ns, span_id)) AS service FROM spans WHERE parent_id IS NULL${among(traces)} GROUP BY ALL) root ON root.trace_id = s.trace_id`,
  nested: (traces) =>
    `LEFT JOIN (${nestedSetsSql(among(traces))}) nested ON nested.row_id = s.rowid`,
} as const satisfies Record<string, Join>;

function among(traces: string | null): string {
  return traces === null ? "" : ` AND trace_id IN (${traces})`;
}
