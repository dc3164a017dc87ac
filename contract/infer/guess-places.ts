/** When a span has an attribute. */
import type { AttributeDraft, SpanDraft } from "./draft.ts";
import type { SeenSpan } from "./observe.ts";
import { wordsOf } from "./words.ts";

type Places = Pick<SpanDraft, "atStart" | "atEnd" | "onSuccess" | "optional">;

interface KnownAttributes {
  readonly drafts: ReadonlyMap<string, AttributeDraft>;
  /** By wire name. */
  readonly attributeIds: ReadonlyMap<string, string>;
  readonly isExemplary: (seen: SeenSpan) => boolean;
  /** The wire name of what says how a request ended. */
  readonly outcome: string | undefined;
}

/** Last words of what is known only in the end. */
const knownAtEnd = /^(?:outcome|result|state|reason|ending|code|score|duration)$/;

/**
 * What every span has is there from the start, unless its name or unit speaks of the end; what only those
 * have that did their work comes with success. The rest is optional.
 */
export function placeAttributes(
  seen: readonly SeenSpan[],
  { drafts, attributeIds, isExemplary, outcome }: KnownAttributes,
): Places {
  const places: Places = { atStart: [], atEnd: [], onSuccess: [], optional: [] };
  const exemplary = seen.filter(isExemplary);
  const counts = countKeys(seen);
  const exemplaryCounts = countKeys(exemplary);
  const isRoot = seen.some(({ parent }) => parent === undefined);
  for (const [key, count] of counts) {
    const identifier = attributeIds.get(key);
    const draft = drafts.get(key);
    if (identifier === undefined || draft === undefined) {
      continue;
    }
    const isLate =
      key === outcome ||
      knownAtEnd.test(wordsOf(key).at(-1) ?? "") ||
      (draft.unit !== undefined && draft.type !== "string");
    if (count === seen.length) {
      const late = isRoot || exemplary.length < seen.length ? places.atEnd : places.onSuccess;
      (isLate ? late : places.atStart).push(identifier);
    } else if (exemplary.length > 0 && exemplaryCounts.get(key) === exemplary.length) {
      places.onSuccess.push(identifier);
    } else {
      places.optional.push(identifier);
    }
  }
  return places;
}

function countKeys(seen: readonly SeenSpan[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { span } of seen) {
    for (const key of new Set(span.attributes.map((attribute) => attribute.key))) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return counts;
}
