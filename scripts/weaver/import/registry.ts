import type { Stability } from "#contract";

export interface RegistryDeprecation {
  readonly renamedTo?: string;
  readonly note?: string;
}

export interface Named {
  readonly place: string;
  readonly brief: string;
  readonly note: string;
  readonly stability: Stability | undefined;
  readonly deprecated: RegistryDeprecation | undefined;
  /** What a registry of ours repeats of the contract. */
  readonly facts: Readonly<Record<string, unknown>> | undefined;
}

export interface RegistryAttribute extends Named {
  readonly key: string;
  /** As Weaver writes it, `enum` for a closed list. */
  readonly type: string;
  /** The values of a closed list. */
  readonly members: readonly unknown[];
  readonly examples: readonly unknown[];
}

export type RequirementLevel = "required" | "conditionally_required" | "recommended" | "opt_in";

/** That a signal has an attribute, and when. */
export interface AttributeUse {
  readonly key: string;
  readonly level: RequirementLevel;
  /** Of a level that has one. */
  readonly condition: string;
  readonly isSamplingRelevant: boolean;
  readonly place: string;
}

export type SignalKind = "span" | "metric" | "event" | "entity";

export interface RegistrySignal extends Named {
  readonly kind: SignalKind;
  readonly name: string;
  readonly uses: readonly AttributeUse[];
  /** What a span is called on the wire, or how that is made, where it is said. */
  readonly wireName: string;
  readonly spanKind: string;
  readonly instrument: string;
  readonly unit: string;
}

/** A registry with every reference followed. */
export interface Registry {
  readonly attributes: ReadonlyMap<string, RegistryAttribute>;
  /** The keys of those that its own files define. */
  readonly ownAttributes: ReadonlySet<string>;
  readonly signals: readonly RegistrySignal[];
  /** What the files say that was not looked at, with how often it is there. */
  readonly unread: ReadonlyMap<string, number>;
}
