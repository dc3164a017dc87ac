/** How much a reader may rely on a name: OpenTelemetry's levels, from the least to the most. */
export const stabilities = ["development", "alpha", "beta", "release_candidate", "stable"] as const;
export type Stability = (typeof stabilities)[number];

/** Why something should not be read any more: what stands for it now, or in words why nothing does. */
export type Deprecation =
  | { readonly renamedTo: string; readonly note?: string }
  | { readonly renamedTo?: undefined; readonly note: string };

/** How an attribute, a span or a metric came to its name, and how long it will keep it. */
export interface Lifecycle {
  /** Without one it is `development`: it may change. */
  readonly stability?: Stability;
  /** Still sent, but on its way out. `renamedTo` is the wire name of another declaration of its kind. */
  readonly deprecated?: Deprecation;
  /** Its earlier wire names, which nobody sends any more but old queries and traces have. */
  readonly renamedFrom?: readonly string[];
}

/** The same in a definition, where nothing is left out. */
export interface DefinedLifecycle {
  readonly stability: Stability | undefined;
  readonly deprecated: Deprecation | undefined;
  readonly renamedFrom: readonly string[] | undefined;
}

/** Returns these three of a description, `undefined` where it says nothing. */
export function lifecycleOf({ stability, deprecated, renamedFrom }: Lifecycle): DefinedLifecycle {
  return { stability, deprecated, renamedFrom };
}

interface Living extends Partial<DefinedLifecycle> {
  readonly name: string;
}

/**
 * Returns what contradicts itself about the names of now and before: an earlier name that is taken, or a
 * replacement that is not declared or leads back to where it started.
 */
export function lifecycleFaults(declared: Readonly<Record<string, Living>>): string[] {
  const entries = Object.entries(declared);
  const byName = new Map(
    entries.map(([identifier, living]) => [living.name, { identifier, ...living }]),
  );
  const earlier = new Map<string, string>();
  return entries.flatMap(([identifier, { name, deprecated, renamedFrom = [] }]) => [
    ...renamedFrom.flatMap((before) => {
      const owner = byName.get(before)?.identifier ?? earlier.get(before);
      earlier.set(before, identifier);
      return owner === undefined
        ? []
        : [`${identifier}: its earlier name ${before} is also that of ${owner}`];
    }),
    ...(deprecated?.renamedTo === undefined || endsAt(deprecated.renamedTo, byName) !== undefined
      ? []
      : [
          `${identifier}: ${name} is renamed to ${deprecated.renamedTo}, which is ${byName.has(deprecated.renamedTo) ? "renamed in a circle" : "not declared"}`,
        ]),
  ]);
}

/** The name that stands for this one in the end; undefined if there is none. */
function endsAt(name: string, byName: ReadonlyMap<string, Living>): string | undefined {
  const seen = new Set<string>();
  for (let last = name; byName.has(last) && !seen.has(last); ) {
    seen.add(last);
    const next = byName.get(last)?.deprecated?.renamedTo;
    if (next === undefined) {
      return last;
    }
    last = next;
  }
  return undefined;
}

/** An earlier wire name → the one that stands for it now, through as many renames as there were. */
export function renamesOf(declared: Iterable<Living>): Map<string, string> {
  const byName = new Map([...declared].map((living) => [living.name, living]));
  const renames = [...byName.values()].flatMap(({ name, deprecated, renamedFrom = [] }) => {
    const now = endsAt(name, byName) ?? name;
    const before = deprecated?.renamedTo === undefined ? renamedFrom : [...renamedFrom, name];
    return before.map((earlier): [string, string] => [earlier, now]);
  });
  return new Map(renames);
}
