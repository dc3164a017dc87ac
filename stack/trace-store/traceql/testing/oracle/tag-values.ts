import type { Span } from "#contract";
import type { Field, Query } from "#traceql";
import { plainText } from "../../plain-text.ts";
import type { TagValue } from "../../tags/tag-values.ts";
import type { Atom } from "./atoms.ts";
import { fieldOf, wholeSubject } from "./fields.ts";
import { runStages } from "./pipeline.ts";
import { shownAtom } from "./shown-value.ts";
import { tracesOf } from "./trace.ts";

/** The values of a field on the spans that a query keeps, each once: of an array each element. */
export function tagValuesOracle(field: Field, query: Query, spans: readonly Span[]): TagValue[] {
  const atoms = runStages(query.stages, tracesOf(spans)).flatMap(({ trace, spans: kept }) =>
    kept.flatMap((span) => fieldOf(field, wholeSubject(span, trace)).atoms),
  );
  const values = atoms.map((atom) => ({
    type: typeOf(atom),
    value: plainText(shownAtom(atom).value),
  }));
  return [...new Map(values.map((one) => [`${one.type} ${one.value}`, one])).values()];
}

function typeOf({ type }: Atom): TagValue["type"] {
  return type === "status" || type === "kind" ? "keyword" : type;
}
