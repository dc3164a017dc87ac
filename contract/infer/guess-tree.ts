/** Where spans stand: parents, order, and how often each is there. */
import type { Presence } from "../define/span.ts";
import type { SeenSpan } from "./observe.ts";

/** The spans of one name. */
export interface NamedSpans {
  readonly name: string;
  readonly isRoot: boolean;
  readonly spans: readonly SeenSpan[];
}

/** Where the spans of one name stand. */
export interface TreePlace {
  readonly name: string;
  /** Names; null for a root. */
  readonly parent: string | null;
  readonly alsoUnder: readonly string[];
  readonly presence: Presence;
  /** In how many of the parents it is, and how often at most. */
  readonly evidence: string;
}

export interface TreeGuess {
  /** A parent stands before its children, siblings in the order in which they run. */
  readonly places: readonly TreePlace[];
  /** Names of which no parent is known. */
  readonly leftOut: readonly string[];
  /** Parents that a contract cannot name: of spans below themselves, or below each other. */
  readonly circles: readonly { readonly name: string; readonly parent: string }[];
}

/**
 * @param isExemplary Whether a span did all its work, so that what it lacks below it is not always there.
 */
export function guessTree(
  named: readonly NamedSpans[],
  isExemplary: (parent: SeenSpan) => boolean,
): TreeGuess {
  const byName = new Map(named.map((spans) => [spans.name, spans]));
  const parents = new Map(named.map((spans) => [spans.name, parentNames(spans, byName)]));
  const circles: { name: string; parent: string }[] = [];
  const order = orderByParents(named, parents, circles);
  const leftOut = named.filter(({ name }) => !order.has(name)).map(({ name }) => name);
  const primary = (name: string) => parents.get(name)?.[0] ?? null;
  const places = new Map<string, TreePlace>();
  for (const parent of [null, ...order]) {
    const children = [...order].filter((name) => primary(name) === parent);
    const siblings = children.map((name) => byName.get(name) as NamedSpans);
    const owners = parent === null ? [] : (byName.get(parent)?.spans ?? []);
    for (const place of guessSiblings(siblings, { parent, owners, parents, isExemplary })) {
      places.set(place.name, place);
    }
  }
  return { places: inFileOrder([...places.values()]), leftOut, circles };
}

/** Names of parents, the commonest first; none of a root. */
function parentNames({ isRoot, spans }: NamedSpans, known: ReadonlyMap<string, unknown>): string[] {
  if (isRoot) {
    return [];
  }
  const counts = new Map<string, number>();
  for (const { parent } of spans) {
    const name = parent?.span.name;
    if (name !== undefined && known.has(name)) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return [...counts].sort(([, one], [, other]) => other - one).map(([name]) => name);
}

/**
 * The names, each behind all its parents. Where spans stand below each other, those parents are dropped that
 * are not above already.
 */
function orderByParents(
  named: readonly NamedSpans[],
  parents: Map<string, string[]>,
  circles: { name: string; parent: string }[],
): Set<string> {
  const placed = new Set(named.filter(({ isRoot }) => isRoot).map(({ name }) => name));
  const waiting = new Set(named.map(({ name }) => name).filter((name) => !placed.has(name)));
  for (;;) {
    const isPlaced = (parent: string) => placed.has(parent);
    const above = (name: string) => parents.get(name) ?? [];
    const next =
      [...waiting].find((name) => above(name).length > 0 && above(name).every(isPlaced)) ??
      [...waiting].find((name) => above(name).some(isPlaced));
    if (next === undefined) {
      return placed;
    }
    circles.push(
      ...above(next)
        .filter((parent) => !isPlaced(parent))
        .map((parent) => ({ name: next, parent })),
    );
    parents.set(next, above(next).filter(isPlaced));
    waiting.delete(next);
    placed.add(next);
  }
}

interface Family {
  readonly parent: string | null;
  /** The spans of the parent's name. */
  readonly owners: readonly SeenSpan[];
  readonly parents: ReadonlyMap<string, readonly string[]>;
  readonly isExemplary: (parent: SeenSpan) => boolean;
}

function guessSiblings(siblings: readonly NamedSpans[], family: Family): TreePlace[] {
  const { parent, owners, parents, isExemplary } = family;
  if (parent === null) {
    return siblings
      .toSorted((one, other) => other.spans.length - one.spans.length)
      .map(({ name }) => ({ name, parent, alsoUnder: [], presence: "always", evidence: "" }));
  }
  const sampled = new Set(
    siblings
      .filter(({ name }) => (parents.get(name) ?? []).length > 1 || mostIn(owners, name) > 1)
      .map(({ name }) => name),
  );
  const inOrder = orderSiblings(
    owners,
    siblings.map(({ name }) => name),
    sampled,
  );
  const exemplary = owners.filter(isExemplary);
  return inOrder.map((name) => {
    const alsoUnder = (parents.get(name) ?? []).slice(1);
    const having = owners.filter((owner) => countIn(owner, name) > 0).length;
    const isAlways = exemplary.length > 0 && exemplary.every((owner) => countIn(owner, name) > 0);
    const most = mostIn(owners, name);
    return {
      name,
      parent,
      alsoUnder,
      presence: sampled.has(name) ? "sampled" : isAlways ? "always" : "optional",
      evidence: `in ${having} of ${owners.length} ${parent}${most > 1 ? `, up to ${most} in one` : ""}`,
    };
  });
}

function countIn({ children }: SeenSpan, name: string): number {
  return children.filter(({ span }) => span.name === name).length;
}

function mostIn(owners: readonly SeenSpan[], name: string): number {
  return owners.reduce((most, owner) => Math.max(most, countIn(owner, name)), 0);
}

/**
 * The names in the order in which they ran. Those that ran at the same time, or once before and once after
 * another, are added to the sampled ones, which have no order and stand last.
 */
function orderSiblings(
  owners: readonly SeenSpan[],
  names: readonly string[],
  sampled: Set<string>,
): string[] {
  const before = new Map(names.map((name) => [name, new Set<string>()]));
  const conflicts = new Map(names.map((name) => [name, new Set<string>()]));
  const conflict = (one: string, other: string) => {
    conflicts.get(one)?.add(other);
    conflicts.get(other)?.add(one);
  };
  for (const { children } of owners) {
    const ran = children
      .map(({ span }) => span)
      .filter(({ name }) => before.has(name) && !sampled.has(name));
    for (const [one, other] of pairs(ran)) {
      const isBefore = one.endTimeUnixNano <= other.startTimeUnixNano;
      const isAfter = other.endTimeUnixNano <= one.startTimeUnixNano;
      if (!isBefore && !isAfter) {
        conflict(one.name, other.name);
      } else if (isBefore !== isAfter) {
        const [first, second] = isBefore ? [one.name, other.name] : [other.name, one.name];
        before.get(first)?.add(second);
        if (before.get(second)?.has(first) === true) {
          conflict(first, second);
        }
      }
    }
  }
  for (;;) {
    const ordered = names.filter((name) => !sampled.has(name));
    const count = (name: string) =>
      ordered.filter((other) => other !== name && conflicts.get(name)?.has(other)).length;
    const [worst] = ordered.filter((name) => count(name) > 0).sort((a, b) => count(b) - count(a));
    const sorted = worst === undefined ? sortByOrder(ordered, before) : { stuck: worst };
    if (sorted.stuck === undefined) {
      return [...sorted.names, ...names.filter((name) => sampled.has(name))];
    }
    sampled.add(sorted.stuck);
  }
}

type Sorted =
  | { readonly names: readonly string[]; readonly stuck?: undefined }
  | { readonly stuck: string };

/** What nothing runs before comes first; stuck where each runs before another. */
function sortByOrder(
  names: readonly string[],
  before: ReadonlyMap<string, ReadonlySet<string>>,
): Sorted {
  const left = [...names];
  const sorted: string[] = [];
  while (left.length > 0) {
    const index = left.findIndex((name) =>
      left.every((other) => other === name || before.get(other)?.has(name) !== true),
    );
    if (index === -1) {
      return { stuck: left[0] ?? "" };
    }
    sorted.push(...left.splice(index, 1));
  }
  return { names: sorted };
}

function pairs<Item>(items: readonly Item[]): [Item, Item][] {
  return items.flatMap((one, index) =>
    items.slice(index + 1).map((other): [Item, Item] => [one, other]),
  );
}

/** Each tree from its root down; what stands under several parents comes when all of them are there. */
function inFileOrder(places: readonly TreePlace[]): TreePlace[] {
  const ordered = new Map<string, TreePlace>();
  const deferred: TreePlace[] = [];
  const put = (place: TreePlace): void => {
    if (place.alsoUnder.some((name) => !ordered.has(name))) {
      deferred.push(place);
      return;
    }
    ordered.set(place.name, place);
    for (const child of places.filter(({ parent }) => parent === place.name)) {
      put(child);
    }
  };
  for (const root of places.filter(({ parent }) => parent === null)) {
    put(root);
  }
  for (let place = deferred.shift(); place !== undefined; place = deferred.shift()) {
    put(place);
  }
  return [...ordered.values()];
}
