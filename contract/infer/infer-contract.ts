import { findString, type Value } from "../otlp/span.ts";
import type { AttributeDraft, ContractDraft, SpanDraft } from "./draft.ts";
import { guessAttribute, type SeenAttribute } from "./guess-attribute.ts";
import { guessOutcomes, type OutcomeGuess } from "./guess-outcomes.ts";
import { placeAttributes } from "./guess-places.ts";
import { guessResource } from "./guess-resource.ts";
import { guessTree, type NamedSpans, type TreePlace } from "./guess-tree.ts";
import { type Observation, observe, type SeenSpan, type SeenTrace, templateOf } from "./observe.ts";
import { type Relaxed, relax } from "./relax.ts";
import { withoutUnit } from "./units.ts";
import { counted, createIdentifiers, formatCount, sentenceOf } from "./words.ts";

export interface InferredContract extends Relaxed {
  /** What a person has to know: what was left out, and what the contract cannot say. */
  readonly findings: readonly string[];
  /** What it was guessed from. */
  readonly traces: readonly SeenTrace[];
}

/** So many names of spans a person can read; the rest is left out and told. */
const mostNames = 150;

/**
 * Guesses the contract of a service from its traces. It accepts every trace that is complete, but for what
 * the findings tell.
 * @returns undefined where no span begins a request of the service.
 */
export function inferContract(
  service: string,
  traces: readonly SeenTrace[],
): InferredContract | undefined {
  const observation = observe(service, traces);
  const named = nameSpans(observation);
  const roots = named.filter(({ isRoot }) => isRoot).flatMap(({ spans }) => spans);
  if (roots.length === 0) {
    return undefined;
  }
  const { drafts, reasons } = guessAttributes(named);
  const outcomes = guessOutcomes(roots, onEveryRoot(drafts, roots));
  const isExemplary = createExemplar(observation, outcomes);
  const { places, leftOut, circles } = guessTree(named, isExemplary);
  const draft = createDraft(observation, { named, places, drafts, reasons, outcomes, isExemplary });
  const relaxed = relax(draft, observation.traces);
  return {
    ...relaxed,
    traces: observation.traces,
    findings: [
      ...observationFindings(observation, traces.length, named.length),
      ...leftOut.map((name) => `${name} is left out: no span is known that it stands below.`),
      ...circles.map(
        ({ name, parent }) =>
          `${name} also stands below ${parent}, which is or stands below ${name}: a contract has no such circle.`,
      ),
      ...relaxed.findings,
    ],
  };
}

/** The names without ids, the commonest first. */
function nameSpans(observation: Observation): NamedSpans[] {
  const kept = observation.spans.filter(
    ({ span }) => templateOf(observation, span.name) === undefined && span.name !== "",
  );
  return [...Map.groupBy(kept, ({ span }) => span.name)]
    .map(([name, spans]) => ({ name, isRoot: observation.rootNames.has(name), spans }))
    .sort((one, other) => other.spans.length - one.spans.length)
    .slice(0, mostNames);
}

function observationFindings(
  { namesWithIds, incomplete, spans }: Observation,
  read: number,
  kept: number,
): string[] {
  const names = new Set(spans.map(({ span }) => span.name)).size;
  const withIds = [...namesWithIds].reduce((sum, [, { names: ofTemplate }]) => sum + ofTemplate, 0);
  const rare = names - withIds - kept;
  return [
    ...(incomplete.length > 0
      ? [
          `${formatCount(incomplete.length)} of ${counted(read, "trace")}: not complete, so nothing is learnt from ${incomplete.length === 1 ? "it" : "them"}. A span lacks the parent that it has elsewhere, or an id is there twice.`,
        ]
      : []),
    ...[...namesWithIds].map(
      ([template, { names: count, spans: seen }]) =>
        `${template} is left out: ${counted(seen, "span")} have ${counted(count, "name")} with an id in it. Put the id into an attribute, and into the name what is the same for all.`,
    ),
    ...(rare > 0 ? [`${counted(rare, "rare name")} of spans are left out.`] : []),
  ];
}

interface GuessedAttributes {
  readonly drafts: ReadonlyMap<string, AttributeDraft>;
  /** Why others are not declared, by wire name. */
  readonly reasons: ReadonlyMap<string, string>;
}

function guessAttributes(named: readonly NamedSpans[]): GuessedAttributes {
  const drafts = new Map<string, AttributeDraft>();
  const reasons = new Map<string, string>();
  const carriers = countCarriers(named);
  for (const seen of collectAttributes(named.flatMap(({ spans }) => spans)).values()) {
    const guess = guessAttribute({ ...seen, spans: carriers.get(seen.key) ?? 0 });
    if ("reason" in guess) {
      // A number in a name counts the entries of a list.
      reasons.set(guess.key.replaceAll(/(?<=\.)\d+(?=\.|$)/g, "*"), guess.reason);
    } else {
      drafts.set(guess.key, guess);
    }
  }
  return { drafts, reasons };
}

/** How many spans there are of the names that have an attribute, by its wire name. */
function countCarriers(named: readonly NamedSpans[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { spans } of named) {
    const keys = new Set(spans.flatMap(({ span }) => span.attributes.map(({ key }) => key)));
    for (const key of keys) {
      counts.set(key, (counts.get(key) ?? 0) + spans.length);
    }
  }
  return counts;
}

interface SeenTexts {
  readonly values: Value[];
  /** In which traces each text stood. */
  readonly texts: Map<string, Set<string>>;
}

function collectAttributes(spans: readonly SeenSpan[]): Map<string, Omit<SeenAttribute, "spans">> {
  const seen = new Map<string, SeenTexts>();
  for (const { span } of spans) {
    for (const { key, value } of span.attributes) {
      const of: SeenTexts = seen.get(key) ?? { values: [], texts: new Map() };
      seen.set(key, of);
      of.values.push(value);
      if (value.type === "string") {
        const traces = of.texts.get(value.value) ?? new Set();
        of.texts.set(value.value, traces.add(span.traceId));
      }
    }
  }
  return new Map(
    [...seen].map(([key, { values, texts }]) => {
      const tracesByText = new Map([...texts].map(([text, traces]) => [text, traces.size]));
      return [key, { key, values, tracesByText }];
    }),
  );
}

function onEveryRoot(
  drafts: GuessedAttributes["drafts"],
  roots: readonly SeenSpan[],
): Map<string, AttributeDraft> {
  const keys = new Set(roots.flatMap(({ span }) => span.attributes.map(({ key }) => key)));
  return new Map([...drafts].filter(([key]) => keys.has(key)));
}

/** What a span lacks that did all its work is not always there. */
function createExemplar(
  { rootNames }: Observation,
  outcomes: OutcomeGuess | undefined,
): (seen: SeenSpan) => boolean {
  const isWhole = (root: SeenSpan) =>
    outcomes === undefined || findString(root.span.attributes, outcomes.key) === outcomes.main;
  const rootOf = (seen: SeenSpan): SeenSpan =>
    seen.parent === undefined || rootNames.has(seen.span.name) ? seen : rootOf(seen.parent);
  return (seen) => seen.span.status.code !== "error" && isWhole(rootOf(seen));
}

interface Guesses extends GuessedAttributes {
  readonly named: readonly NamedSpans[];
  readonly places: readonly TreePlace[];
  readonly outcomes: OutcomeGuess | undefined;
  readonly isExemplary: (seen: SeenSpan) => boolean;
}

function createDraft(observation: Observation, guesses: Guesses): ContractDraft {
  const { named, places, drafts, outcomes, isExemplary } = guesses;
  const byName = new Map(named.map((spans) => [spans.name, spans.spans]));
  const declared = places.map((place) => ({ place, spans: byName.get(place.name) ?? [] }));
  const tracerName = commonest(
    declared
      .filter(({ place }) => place.parent === null)
      .flatMap(({ spans }) => spans.map(({ span }) => span.scope.name)),
  );
  const keys = declared.flatMap(({ spans }) =>
    [...collectAttributes(spans).keys()].filter((key) => drafts.has(key)),
  );
  const attributeIds = createIdentifiers([...new Set(keys)]);
  const spanIds = createIdentifiers(places.map(({ name }) => name));
  const identify = (name: string) => spanIds.get(name) ?? name;
  const spans = declared.map(({ place, spans: seen }): [string, SpanDraft] => [
    identify(place.name),
    {
      ...describeSpan(place, seen, tracerName),
      parent: place.parent === null ? null : identify(place.parent),
      alsoUnder: place.alsoUnder.map(identify),
      ...placeAttributes(seen, { drafts, attributeIds, isExemplary, outcome: outcomes?.key }),
    },
  ]);
  return {
    service: observation.service,
    tracerName,
    ...guessResource(observation),
    attributes: Object.fromEntries(
      [...attributeIds].map(([key, identifier]) => [
        identifier,
        withBrief(drafts.get(key) as AttributeDraft, identifier),
      ]),
    ),
    spans: new Map(spans),
    outcomes: outcomes && {
      attribute: attributeIds.get(outcomes.key) ?? "",
      byName: mapNeeds(outcomes, attributeIds, optionalOfRoots(spans)),
    },
    failures: "by-rule",
    failuresEvidence: "",
    undeclared: guesses.reasons,
  };
}

/** Where no convention says what it means, the identifier in words, without the unit. */
function withBrief(draft: AttributeDraft, identifier: string): AttributeDraft {
  return draft.semconv === undefined
    ? { ...draft, brief: sentenceOf(withoutUnit(identifier, draft.unit)) }
    : draft;
}

/** An outcome may need what its root does not have otherwise. */
function optionalOfRoots(spans: readonly (readonly [string, SpanDraft])[]): ReadonlySet<string> {
  return new Set(
    spans.filter(([, { parent }]) => parent === null).flatMap(([, { optional }]) => optional),
  );
}

function mapNeeds(
  { byName }: OutcomeGuess,
  identifiers: ReadonlyMap<string, string>,
  optional: ReadonlySet<string>,
) {
  return Object.fromEntries(
    Object.entries(byName).map(([name, outcome]) => [
      name,
      {
        ...outcome,
        needs: outcome.needs
          .map((key) => identifiers.get(key) ?? key)
          .filter((identifier) => optional.has(identifier)),
      },
    ]),
  );
}

function describeSpan(
  { name, presence, evidence }: TreePlace,
  seen: readonly SeenSpan[],
  tracerName: string,
): Omit<SpanDraft, "parent" | "alsoUnder" | "atStart" | "atEnd" | "onSuccess" | "optional"> {
  const kind = commonest(seen.map(({ span }) => span.kind));
  const tracer = commonest(seen.map(({ span }) => span.scope.name));
  return {
    name,
    brief: kind === "server" && isHttpName(name) ? `Answers ${name}.` : sentenceOf(name),
    kind: kind === "unspecified" ? "internal" : kind,
    presence,
    tracer: tracer === tracerName ? undefined : tracer,
    detached: false,
    evidence: [counted(seen.length, "span"), evidence].filter(Boolean).join(", "),
  };
}

/** As OpenTelemetry names the spans of an HTTP server. */
function isHttpName(name: string): boolean {
  return /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT) \//.test(name);
}

function commonest<Item extends string>(items: readonly Item[]): Item {
  const groups = [...Map.groupBy(items, (item) => item).values()];
  return groups.sort((one, other) => other.length - one.length)[0]?.[0] as Item;
}
