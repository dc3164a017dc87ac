import type { Span } from "#contract";
import type { Field, Query } from "#traceql";
import { plainText } from "../../plain-text.ts";
import type { TagValue } from "../../tags/tag-values.ts";
import type { Atom } from "./atoms.ts";
import { readField, wholeSubject } from "./fields.ts";
import { runStages } from "./pipeline.ts";
import { shownAtom } from "./shown-value.ts";
import { groupTraces } from "./trace.ts";

/** The values of a field on the spans that a query keeps, each once: of an array each element. */
export function tagValuesOracle(field: Field, query: Query, spans: readonly Span[]): TagValue[] {
  const atoms = runStages(query.stages, groupTraces(spans)).flatMap(({ trace, spans: kept }) =>
    kept.flatMap((span) => readField(field, wholeSubject(span, trace)).atoms),
  );
  const values = atoms.map((atom) => ({
    type: getTagType(atom),
    value: plainText(shownAtom(atom).value),
  }));
  return [...new Map(values.map((one) => [`${one.type} ${one.value}`, one])).values()];
}

function getTagType({ type }: Atom): TagValue["type"] {
  return type === "status" || type === "kind" ? "keyword" : type;
}
