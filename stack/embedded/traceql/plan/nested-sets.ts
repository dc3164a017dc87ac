/**
 * The tree of each trace as nested sets: a span's left and right number enclose those of all spans
 * below it. Children are numbered in the order of their starts. A span that no path from a root
 * leads to is not in the answer; one that several lead to is there by the first of them.
 *
 * A path is the list of the places, in the trace's order, of the spans from the root down. In the
 * order of paths every span stands before those below it, so with d spans above a span, p up to it
 * and n from it down its left is 2p - 1 - d and its right 2n - 1 more.
 *
 * @param among A further condition on spans, which begins with AND, or nothing.
 * @returns A SELECT of row_id, set_left, set_right, parent_left.
 */
export function nestedSetsSql(among: string): string {
  return `WITH RECURSIVE placed AS MATERIALIZED (
  SELECT trace_id, span_id, parent_id, rowid AS row_id,
    row_number() OVER (PARTITION BY trace_id ORDER BY start_ns, span_id, rowid) AS place
  FROM spans WHERE true${among}
), walked(trace_id, span_id, row_id, path) AS (
  SELECT trace_id, span_id, row_id, [place] FROM placed WHERE parent_id IS NULL
  UNION ALL
  SELECT below.trace_id, below.span_id, below.row_id, list_append(walked.path, below.place)
  FROM walked JOIN placed below ON below.trace_id = walked.trace_id AND below.parent_id = walked.span_id
  WHERE NOT list_contains(walked.path, below.place)
), reached AS MATERIALIZED (
  SELECT trace_id, row_id, min(path) AS path FROM walked GROUP BY trace_id, row_id
), sizes AS (
  SELECT trace_id, place, count(*) AS size
  FROM (SELECT trace_id, unnest(path) AS place FROM reached) GROUP BY trace_id, place
), numbered AS MATERIALIZED (
  SELECT reached.trace_id, row_id, path[-1] AS place, path[-2] AS parent_place, size,
    2 * row_number() OVER (PARTITION BY reached.trace_id ORDER BY path) - len(path) AS set_left
  FROM reached JOIN sizes ON sizes.trace_id = reached.trace_id AND sizes.place = path[-1]
)
SELECT own.row_id, own.set_left, own.set_left + 2 * own.size - 1 AS set_right,
  parent.set_left AS parent_left
FROM numbered own
LEFT JOIN numbered parent ON parent.trace_id = own.trace_id AND parent.place = own.parent_place`;
}
