import type { Span } from "#contract";
import { byStart, isChild, type Trace } from "./trace.ts";

interface NestedSet {
  nestedSetLeft: number;
  nestedSetRight: number;
  nestedSetParent: number;
}

const known = new WeakMap<Trace, ReadonlyMap<Span, NestedSet>>();

/**
 * A walk through the trees of a trace, from its roots on and in the order of starts, counts every
 * span when it comes and when it leaves. Zeros are of a span that the walk never comes to.
 */
export function getNestedSet(span: Span, trace: Trace): Readonly<NestedSet> {
  const sets = known.get(trace) ?? walk(trace);
  known.set(trace, sets);
  const nestedSetParent = span.parentSpanId === null ? -1 : 0;
  return sets.get(span) ?? { nestedSetLeft: 0, nestedSetRight: 0, nestedSetParent };
}

function walk({ spans }: Trace): ReadonlyMap<Span, NestedSet> {
  const inOrder = [...spans].sort(byStart);
  const sets = new Map<Span, NestedSet>();
  let count = 0;
  const visit = (span: Span, nestedSetParent: number): void => {
    count += 1;
    const set = { nestedSetLeft: count, nestedSetRight: 0, nestedSetParent };
    sets.set(span, set);
    for (const child of inOrder) {
      // Of several spans with the id of the parent the first is it.
      if (inOrder.find((other) => isChild(child, other)) === span) {
        visit(child, set.nestedSetLeft);
      }
    }
    count += 1;
    set.nestedSetRight = count;
  };
  for (const root of inOrder.filter(({ parentSpanId }) => parentSpanId === null)) {
    visit(root, -1);
  }
  return sets;
}
