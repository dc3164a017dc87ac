import { identifierOf, type SpanSource } from "#contract";
import { type SpanFacts, whenSucceeded } from "../registry/facts.ts";
import { type AttributeSources, defined, lifecycleOf } from "./attribute-sources.ts";
import type { Losses } from "./losses.ts";
import type { AttributeUse, RegistrySignal } from "./registry.ts";

interface TreeOptions {
  /** The names of the spans that have no parent, if they are told. */
  readonly roots: readonly string[];
  readonly attributes: AttributeSources;
  readonly losses: Losses;
}

interface NamedSpan {
  readonly name: string;
  readonly span: RegistrySignal;
  readonly facts: SpanFacts | undefined;
}

/**
 * The spans of a registry as a tree. Weaver does not say which span is below which, nor how often one is
 * there: without what a registry of ours repeats of the contract, each is below the roots, any number of
 * times. Roots are those that are told, or the spans that take a request in; there may be none.
 */
export function treeOfSpans(
  signals: readonly RegistrySignal[],
  { roots: told, attributes, losses }: TreeOptions,
): { readonly spans: Record<string, SpanSource>; readonly roots: readonly string[] } {
  const named = signals
    .filter(({ kind }) => kind === "span")
    .map((span): NamedSpan => {
      const facts = span.facts as SpanFacts | undefined;
      return { span, facts, name: nameOf(span, losses) };
    });
  const former = formerNames(named);
  const now = named.filter(({ name }) => !former.has(name));
  const roots = findRoots(now, told);
  const identifiers = createIdentifiers(now);
  const toIdentifier = (name: string) => identifiers.get(name) ?? "";
  const isRoot = ({ name }: NamedSpan) => roots.includes(name);
  const ordered = [...now.filter(isRoot), ...now.filter((one) => !isRoot(one))];
  const sources = ordered.map((one): [string, SpanSource] => [
    toIdentifier(one.name),
    {
      name: one.name,
      brief: one.span.brief || `The registry does not say what ${one.name} is.`,
      ...placeOf(one, roots, toIdentifier),
      ...kindOf(one, losses),
      ...listUses(one, attributes, losses),
      ...replacements(one, attributes),
      ...lifecycleOf(
        one.span,
        now.map(({ name }) => name),
        losses,
      ),
      ...earlierNames(one.name, former),
    },
  ]);
  return { spans: Object.fromEntries(sources), roots };
}

/** The name on the wire, where it is given: a rule for making one is no name. */
function nameOf({ name, wireName, facts }: RegistrySignal, losses: Losses): string {
  if (facts !== undefined) {
    return wireName;
  }
  if (/^[\w.:/-]+( [\w.:/-]+)?$/.test(wireName)) {
    return wireName;
  }
  if (wireName !== "") {
    losses.add(
      "Spans are called as their types, for their names are described and not given",
      name,
    );
  }
  return name;
}

/** Spans that only say what they are called now → that name. */
function formerNames(spans: readonly NamedSpan[]): Map<string, string> {
  const names = new Set(spans.map(({ name }) => name));
  return new Map(
    spans.flatMap(({ name, span, facts }) => {
      const now = span.deprecated?.renamedTo;
      return facts === undefined && now !== undefined && names.has(now) ? [[name, now]] : [];
    }),
  );
}

function earlierNames(name: string, former: ReadonlyMap<string, string>) {
  const earlier = [...former].filter(([, now]) => now === name).map(([before]) => before);
  return earlier.length === 0 ? {} : { renamedFrom: earlier };
}

function findRoots(spans: readonly NamedSpan[], told: readonly string[]): string[] {
  const own = spans.filter(({ facts }) => facts?.parent === null);
  const serving = spans.filter(({ span }) => ["server", "consumer"].includes(span.spanKind));
  const [only, ...others] = spans;
  const found = [own, serving, only !== undefined && others.length === 0 ? [only] : []];
  return told.length > 0
    ? [...told]
    : (found.find((roots) => roots.length > 0) ?? []).map(({ name }) => name);
}

function createIdentifiers(spans: readonly NamedSpan[]): Map<string, string> {
  const taken = new Set<string>();
  return new Map(
    spans.map(({ name, facts }) => {
      const own = facts?.identifier;
      const identifier = own === undefined || taken.has(own) ? identifierOf(name, taken) : own;
      taken.add(identifier);
      return [name, identifier];
    }),
  );
}

function placeOf(
  { name, facts }: NamedSpan,
  roots: readonly string[],
  toIdentifier: (name: string) => string,
): Pick<
  SpanSource,
  "parent" | "alsoUnder" | "presence" | "onlyFor" | "tracer" | "detached" | "comment"
> {
  if (facts !== undefined) {
    const { parent, alsoUnder, presence, onlyFor, tracer, detached } = facts;
    return {
      parent: parent === null ? null : toIdentifier(parent),
      ...defined({ alsoUnder: alsoUnder?.map(toIdentifier), presence, onlyFor, tracer, detached }),
    };
  }
  const [first, ...others] = roots.map(toIdentifier);
  if (roots.includes(name)) {
    const comment =
      "Weaver does not say which span is below which: all that take nothing in are below those that do, any number of times.";
    return { parent: null, ...(name === roots[0] ? { comment: [comment] } : {}) };
  }
  return {
    parent: first ?? null,
    ...(others.length === 0 ? {} : { alsoUnder: others }),
    presence: "sampled",
  };
}

const kinds = ["server", "client", "producer", "consumer", "internal"] as const;

function kindOf({ name, span: { spanKind } }: NamedSpan, losses: Losses): Pick<SpanSource, "kind"> {
  const kind = kinds.find((one) => one === spanKind);
  if (kind === undefined) {
    losses.add("Spans are taken as internal, for their kind is not given", name);
  }
  return kind === undefined || kind === "internal" ? {} : { kind };
}

type Lists = Pick<SpanSource, "atStart" | "atEnd" | "onSuccess" | "optional">;

/** When a span has which attribute, by identifier. What a contract cannot declare is left out. */
function listUses({ name, span }: NamedSpan, attributes: AttributeSources, losses: Losses): Lists {
  const identifiers = identifiersByKey(attributes);
  const uses = span.uses.filter(({ key }) => identifiers.has(key));
  for (const { key, condition } of uses) {
    if (condition !== "" && condition !== whenSucceeded) {
      losses.add(
        "Conditions are left out, for a contract knows always, on success and sometimes",
        `${key} of ${name}`,
      );
    }
  }
  const lists = Map.groupBy(uses, listOf);
  const named = (["atStart", "atEnd", "onSuccess", "optional"] as const).flatMap((list) => {
    const keys = lists.get(list)?.map(({ key }) => identifiers.get(key) ?? "");
    return keys === undefined ? [] : [[list, keys]];
  });
  return Object.fromEntries(named);
}

function listOf({ level, condition, isSamplingRelevant }: AttributeUse): keyof Lists {
  if (level === "required") {
    return isSamplingRelevant ? "atStart" : "atEnd";
  }
  return condition === whenSucceeded ? "onSuccess" : "optional";
}

function identifiersByKey(attributes: AttributeSources): Map<string, string> {
  return new Map(Object.entries(attributes).map(([identifier, { key }]) => [key, identifier]));
}

function replacements(
  { facts }: NamedSpan,
  attributes: AttributeSources,
): Pick<SpanSource, "whenInterrupted" | "whenFailed"> {
  const identifiers = identifiersByKey(attributes);
  const named = (["whenInterrupted", "whenFailed"] as const).flatMap((list) => {
    const values = Object.entries(facts?.[list] ?? {});
    const byIdentifier = values.map(([key, value]) => [identifiers.get(key) ?? key, value]);
    return values.length === 0 ? [] : [[list, Object.fromEntries(byIdentifier)]];
  });
  return Object.fromEntries(named);
}
