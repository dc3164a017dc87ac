import { shortText } from "#contract";
import type { KnownNames } from "../known/known-names.ts";
import type { Ask } from "../queries/need.ts";

/** Of more, a sentence names these. */
const mostNamed = 5;

/**
 * A value that a query wants and no store has, with those that one has instead: `service is never "api", but
 * "DSP_svc_api"`. What a query finds nothing for is often that.
 */
export function findUnseenValue(
  asks: readonly Ask[],
  known: readonly KnownNames[],
): string | undefined {
  for (const ask of asks) {
    const seen = ask.type.endsWith("value") ? seenValues(ask, known) : [];
    const values = "values" in ask ? ask.values : [];
    if (seen.length > 0 && !values.some((value) => seen.includes(value))) {
      const name = ask.type === "label value" ? ask.label : "name" in ask ? ask.name : "";
      const there = seen.slice(0, mostNamed).map((value) => JSON.stringify(shortText(value, 60)));
      const more = seen.length > mostNamed ? " …" : "";
      return `${name} is never ${values.map((value) => JSON.stringify(value)).join(" or ")}, but ${there.join(", ")}${more}`;
    }
  }
  return undefined;
}

function seenValues(ask: Ask, known: readonly KnownNames[]): readonly string[] {
  if (ask.type === "label value") {
    return known.flatMap(({ metrics }) =>
      ask.metrics.flatMap((metric) => metrics?.byName.get(metric)?.seen?.get(ask.label) ?? []),
    );
  }
  if (ask.type !== "attribute value") {
    return [];
  }
  const scopes = ask.scope === "any" ? ["span", "resource"] : [ask.scope];
  return known.flatMap(({ traces }) =>
    scopes.flatMap((scope) => traces?.seen?.get(`${scope}.${ask.name}`) ?? []),
  );
}
