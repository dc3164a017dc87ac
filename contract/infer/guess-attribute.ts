import { contentFault } from "../define/attribute.ts";
import { type Convention, semanticConventions } from "../generated/semantic-conventions.ts";
import type { Value } from "../otlp/span.ts";
import type { AttributeDraft } from "./draft.ts";
import { guessUnit } from "./units.ts";
import { findForm, findNameForm, type ValueForm } from "./value-forms.ts";
import { counted, formatCount, sentenceOf, wordsOf } from "./words.ts";

/** What was seen of one attribute, on whatever spans. */
export interface SeenAttribute {
  readonly key: string;
  readonly values: readonly Value[];
  /** How many spans there are of the names that have it. */
  readonly spans: number;
  /** Traces in which each text stood, as far as they were counted. */
  readonly tracesByText: ReadonlyMap<string, number>;
}

/** A guess, or why the contract should not declare the attribute. */
export type AttributeGuess = AttributeDraft | { readonly key: string; readonly reason: string };

export function guessAttribute(seen: SeenAttribute): AttributeGuess {
  const { key } = seen;
  const leaveOut = (reason: string) => ({ key, reason });
  const content = contentFault(key);
  if (content !== undefined) {
    return leaveOut("its name stands for content, which no contract declares");
  }
  if (!/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/.test(key)) {
    return leaveOut("its name is not lower_case words with dots between them");
  }
  const types = new Set(seen.values.map(({ type }) => type));
  const [only, ...others] = types;
  if (only === "bool" && others.length === 0) {
    return { ...describe(seen), type: "boolean", examples: [], evidence: seenTimes(seen) };
  }
  if (only === "string" && others.length === 0) {
    return guessString(seen);
  }
  if ([...types].every((type) => type === "int" || type === "double")) {
    return guessNumber(seen, types.has("double") ? "double" : "int");
  }
  return leaveOut(
    types.size === 1
      ? `it is of type ${only}`
      : `it has several types: ${[...types].sort().join(", ")}`,
  );
}

/** Meaning from the conventions, where the name is known; otherwise the name in words. */
function describe({ key }: SeenAttribute): Pick<AttributeDraft, "key" | "brief" | "semconv"> {
  const found = findConvention(key);
  return found === undefined
    ? { key, brief: sentenceOf(key) }
    : { key, brief: found.convention.brief, semconv: found.name };
}

/** The convention of that name, or the one that replaces it. */
function findConvention(
  key: string,
): { readonly name: string; readonly convention: Convention } | undefined {
  const convention = Object.hasOwn(semanticConventions, key) ? semanticConventions[key] : undefined;
  const [, replacement = ""] = /^Replaced by ([\w.]+)\.$/.exec(convention?.deprecated ?? "") ?? [];
  const now = Object.hasOwn(semanticConventions, replacement)
    ? semanticConventions[replacement]
    : undefined;
  if (now !== undefined) {
    return { name: replacement, convention: now };
  }
  return convention === undefined || /^deprecated/i.test(convention.brief)
    ? undefined
    : { name: key, convention };
}

function guessNumber(seen: SeenAttribute, type: "int" | "double"): AttributeGuess {
  const numbers = seen.values.map((value) =>
    value.type === "int" || value.type === "double" ? Number(value.value) : Number.NaN,
  );
  if (type === "int" && !numbers.every(Number.isSafeInteger)) {
    return { key: seen.key, reason: "its numbers are larger than 2^53" };
  }
  if (!numbers.every(Number.isFinite)) {
    return { key: seen.key, reason: "some of its numbers are not finite" };
  }
  const [least, most] = numbers.reduce(
    ([low, high], number) => [Math.min(low, number), Math.max(high, number)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const unit = guessUnit(seen.key, type) ?? (type === "double" ? "1" : undefined);
  const bounds = knownBounds(seen.key);
  const fits = bounds !== undefined && least >= bounds.min && most <= bounds.max;
  const examples = least === most ? [least] : [least, most];
  return {
    ...describe(seen),
    type,
    unit,
    ...(fits ? bounds : least >= 0 ? { min: 0 } : {}),
    examples: examples.map((number) => (Object.is(number, -0) ? 0 : number)),
    evidence: `${seenTimes(seen)}, ${least === most ? least : `${least} to ${most}`}`,
  };
}

function knownBounds(key: string): { readonly min: number; readonly max: number } | undefined {
  if (/(?:^|\.)status_code$/.test(key) && key.startsWith("http.")) {
    return { min: 100, max: 599 };
  }
  if (key.endsWith(".port")) {
    return { min: 0, max: 65_535 };
  }
  return /(?:^|[._])ratio$/.test(key) ? { min: 0, max: 1 } : undefined;
}

/** More is no closed list. */
const mostListed = 8;
/** How often each value of a list has to be there on the average. */
const timesEach = 3;
const listedForm = /^[A-Za-z0-9][A-Za-z0-9_./:+-]{0,47}$|^\/[A-Za-z0-9_./:{}<>-]{0,63}$/;
/** Names and places: there will be another one tomorrow. */
const openEnd =
  /(?:^|[._])(?:id|name|version|address|host|hostname|model|path|url|uri|user|agent|key|ip|domain|original|file|namespace)$/;
/** Last words of what people write or are: a value of theirs is never repeated in a file. */
const privateEnd =
  /(?:^|[._])(?:body|content|message|query|statement|sql|input|output|question|answer|value|user|username|login|email|mail|phone|person|customer|session|token|secret|password|cookie|authorization|address|ip|path|url|uri|target|full|agent|original|title|subject|description|comment|note|reason_phrase|label|term|search|keyword|topic|reply|transcript|instructions|city|street|birthday)$|(?:^|[._])(?:user|enduser|customer|person|email)[._]/;

/** What clients write of themselves: the next one writes it in another form. */
const clientsWords = /(?:^|[._])(?:user_agent|user_agent\.original|referr?er)$/;

function guessString(seen: SeenAttribute): AttributeGuess {
  const { key, tracesByText } = seen;
  if (clientsWords.test(key)) {
    return { key, reason: "its values are what clients write of themselves, in any form" };
  }
  const texts = [...tracesByText.keys()];
  const described = describe(seen);
  const isPrivate = privateEnd.test(key);
  const times = seenTimes(seen);
  // The next version has another form.
  const form = key.endsWith("version")
    ? findNameForm(texts)
    : findFormOrNothing(texts, { mayShowPrefixes: !isPrivate });
  const recur = [...tracesByText.values()].every((count) => count > 1);
  if (
    !isPrivate &&
    form?.isId !== true &&
    !openEnd.test(key) &&
    texts.length > 1 &&
    texts.length <= mostListed &&
    seen.values.length >= texts.length * timesEach &&
    recur &&
    texts.every((text) => listedForm.test(text))
  ) {
    const evidence = `${times}, ${counted(texts.length, "value")}`;
    return { ...described, type: "string", values: texts.sort(), examples: [], evidence };
  }
  if (form === undefined) {
    return described.semconv === undefined || isPrivate
      ? { key, reason: "its values are texts, which may be content" }
      : {
          ...described,
          type: "string",
          examples: [exampleOf(key)],
          evidence: `${times}, texts of no form`,
        };
  }
  const isUnique = form.isId && texts.length > seen.values.length * 0.9 && seen.values.length > 9;
  return {
    ...described,
    type: "string",
    pattern: form.pattern,
    examples: isPrivate || form.isId ? [form.example] : examplesOf(seen, form.example),
    ...(isUnique ? { unique: true } : {}),
    evidence: `${times}, ${texts.length === 1 ? "always the same" : formatValues(texts.length)}: ${form.words}`,
  };
}

/** Some senders write an empty text where there is nothing to say. */
function findFormOrNothing(
  texts: readonly string[],
  options: { readonly mayShowPrefixes: boolean },
): ValueForm | undefined {
  const written = texts.filter((text) => text !== "");
  const form = written.length === 0 ? undefined : findForm(written, options);
  return form === undefined || written.length === texts.length
    ? form
    : { ...form, pattern: `(${form.pattern})?`, words: `${form.words}, or nothing` };
}

function formatValues(count: number): string {
  return `${formatCount(count)} values`;
}

/** The commonest of the names that came back in several traces; others may be somebody's. */
function examplesOf({ tracesByText }: SeenAttribute, otherwise: string): string[] {
  const common = [...tracesByText]
    .filter(([, count]) => count > 1)
    .sort(([, one], [, other]) => other - one)
    .map(([text]) => text)
    .slice(0, 2);
  return common.length === 0 ? [otherwise] : common;
}

function exampleOf(key: string): string {
  const { example } = findConvention(key)?.convention ?? {};
  return example ?? wordsOf(key).join(" ");
}

function seenTimes({ values, spans }: SeenAttribute): string {
  return `in ${formatCount(values.length)} of ${counted(spans, "span")}`;
}
