/**
 * The tree of each trace as nested sets: a span's left and right number enclose those of all spans
 * below it. Children are numbered in the order of their starts. A span that no path from a root
 * leads to is not in the answer. Where several spans have the id of a parent, the first of them is it.
 *
 * Numbers are counted by a walk through the trees that comes to each span and leaves it again: each of
 * these moves knows the one behind it. How many there are up to the end is found by taking steps of 1,
 * 2, 4 … moves, so that a chain of n spans needs log n rounds, and a walk in circles ends too.
 *
 * @param among A further condition on spans, which begins with AND, or nothing.
 * @returns A SELECT of row_id, set_left, set_right, parent_left.
 */
export function nestedSetsSql(among: string): string {
  return `WITH RECURSIVE placed AS MATERIALIZED (
  SELECT trace_id, span_id, parent_id, rowid AS row_id,
    row_number() OVER (ORDER BY trace_id, start_ns, span_id, rowid) AS place,
    ceil(log2(count(*) OVER (PARTITION BY trace_id))) + 1 AS rounds
  FROM spans WHERE true${among}
), parented AS MATERIALIZED (
  SELECT own.trace_id, own.row_id, own.place, own.rounds, own.parent_id IS NULL AS is_root,
    min(above.place) AS parent_place
  FROM placed own LEFT JOIN placed above ON above.trace_id = own.trace_id
    AND above.span_id = own.parent_id AND above.place <> own.place
  GROUP BY ALL
), linked AS (
  SELECT own.*, first_place, lead(own.place) OVER (
    PARTITION BY trace_id, is_root, own.parent_place ORDER BY own.place) AS next_place
  FROM parented own LEFT JOIN (
    SELECT parent_place, min(place) AS first_place FROM parented GROUP BY parent_place
  ) below ON below.parent_place = own.place
), walked(move, next_move, distance, round, rounds) AS (
  SELECT unnest([2 * place, 2 * place + 1]),
    unnest([
      coalesce(2 * first_place, 2 * place + 1),
      coalesce(2 * next_place, 2 * parent_place + 1, CASE WHEN NOT is_root THEN 2 * place + 1 END)
    ]), 1, 0, rounds
  FROM linked
  UNION ALL
  SELECT own.move, far.next_move, own.distance + coalesce(far.distance, 0), own.round + 1, own.rounds
  FROM walked own LEFT JOIN walked far ON far.move = own.next_move
  WHERE own.round < own.rounds
), counted AS (
  SELECT move, distance FROM walked WHERE round = rounds AND next_move IS NULL
), numbered AS MATERIALIZED (
  SELECT row_id, place, parent_place, came.distance - gone.distance AS width,
    max(came.distance) OVER (PARTITION BY trace_id) + 1 - came.distance AS set_left
  FROM parented
  JOIN counted came ON came.move = 2 * place
  JOIN counted gone ON gone.move = 2 * place + 1
)
SELECT own.row_id, own.set_left, own.set_left + own.width AS set_right, parent.set_left AS parent_left
FROM numbered own LEFT JOIN numbered parent ON parent.place = own.parent_place`;
}
