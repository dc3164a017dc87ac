/** Which attribute of the root says how a request ended, if one does. */
import { findString } from "../otlp/span.ts";
import type { AttributeDraft, OutcomeDraft } from "./draft.ts";
import type { SeenSpan } from "./observe.ts";
import { counted, wordsOf } from "./words.ts";

export interface OutcomeGuess {
  /** The wire name. */
  readonly key: string;
  readonly byName: Readonly<Record<string, OutcomeDraft>>;
  /** The commonest without an error: such a request did all its work. */
  readonly main: string;
}

/** A closed list on every root whose name says that it is an outcome, and whose values fit the status. */
export function guessOutcomes(
  roots: readonly SeenSpan[],
  attributes: ReadonlyMap<string, AttributeDraft>,
): OutcomeGuess | undefined {
  for (const { key, values } of attributes.values()) {
    if (
      values === undefined ||
      !/^(?:outcome|result|ending|disposition)$/.test(wordsOf(key).at(-1) ?? "")
    ) {
      continue;
    }
    const byValue = Map.groupBy(roots, ({ span }) => findString(span.attributes, key) ?? "");
    const statuses = [...byValue].map(
      ([, same]) => new Set(same.map(({ span }) => span.status.code)),
    );
    const main = [...byValue]
      .filter(([, same]) => same[0]?.span.status.code === "unset")
      .sort(([, one], [, other]) => other.length - one.length)[0]?.[0];
    if (byValue.has("") || main === undefined || statuses.some(({ size }) => size > 1)) {
      continue;
    }
    const byName = Object.fromEntries(
      values.map((value) => [value, outcomeOf(value, byValue, attributes)]),
    );
    return { key, byName, main };
  }
  return undefined;
}

/** Somebody or something stopped such a request. */
const interruption = /abort|abandon|cancel|expire|interrupt|kill|left|shutdown|time_?out/i;

/** As complete as it can be: what was seen takes it back. */
function outcomeOf(
  value: string,
  byValue: ReadonlyMap<string, readonly SeenSpan[]>,
  attributes: ReadonlyMap<string, AttributeDraft>,
): OutcomeDraft {
  const same = byValue.get(value) ?? [];
  const all = [...byValue.values()].flat();
  const isError = same[0]?.span.status.code === "error";
  const has = (key: string, { span }: SeenSpan) =>
    span.attributes.some((attribute) => attribute.key === key);
  return {
    brief: `It ended as ${value}.`,
    tree: interruption.test(value) ? "interrupted" : isError ? "failed" : "complete",
    rootStatus: isError ? "error" : "unset",
    needs: [...attributes.keys()].filter(
      (key) => same.every((root) => has(key, root)) && !all.every((root) => has(key, root)),
    ),
    evidence: counted(same.length, "request"),
  };
}
