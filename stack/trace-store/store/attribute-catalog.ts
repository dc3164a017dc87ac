import type { DuckDBAppender } from "@duckdb/node-api";
import type { KeyValue, Value } from "#contract";

export type AttributeScope = "span" | "resource" | "instrumentation" | "event" | "link";
type ValueType = Value["type"];

const hourNs = 3_600_000_000_000n;
/** How many sightings are remembered. One that was forgotten is written once more, which does no harm. */
const remembered = 20_000;

interface Hour {
  readonly startNs: bigint;
  readonly endNs: bigint;
  /** Scope → key → the types seen, a bit each. */
  readonly types: Readonly<Record<AttributeScope, Map<string, number>>>;
}

/** Notes which attributes there are, so that nobody has to read all spans to list them. */
export class AttributeCatalog {
  readonly table = "attribute_catalog";
  readonly #hours = new Map<bigint, Hour>();
  /** That of the span before, nearly always. */
  #hour = newHour(-1n);
  /** Lists that were noted last in that hour: many spans in a row share a resource and a scope. */
  readonly #noted = new Map<AttributeScope, readonly KeyValue[]>();
  #seenCount = 0;
  #version = 0;
  #unwritten: { scope: AttributeScope; key: string; type: ValueType; hourStartNs: bigint }[] = [];

  /** @param startNs The start of the span that the attributes belong to. */
  note(scope: AttributeScope, attributes: readonly KeyValue[], startNs: bigint): void {
    if (attributes.length === 0) {
      return;
    }
    if (startNs < this.#hour.startNs || startNs >= this.#hour.endNs) {
      this.#turnTo(startNs - (startNs % hourNs));
    }
    if (this.#noted.get(scope) === attributes) {
      return;
    }
    this.#noted.set(scope, attributes);
    const typesByKey = this.#hour.types[scope];
    for (const { key, value } of attributes) {
      const types = typesByKey.get(key) ?? 0;
      const bit = typeBits[value.type];
      if ((types & bit) === 0) {
        typesByKey.set(key, types | bit);
        this.#seenCount += 1;
        this.#unwritten.push({ scope, key, type: value.type, hourStartNs: this.#hour.startNs });
      }
    }
  }

  #turnTo(startNs: bigint): void {
    this.#hour = this.#hours.get(startNs) ?? newHour(startNs);
    this.#hours.set(startNs, this.#hour);
    this.#noted.clear();
  }

  /** Whether there is anything that is not written yet. */
  get isNew(): boolean {
    return this.#unwritten.length > 0;
  }

  /** Another number whenever the table has changed. */
  get version(): number {
    return this.#version;
  }

  /** To be called when rows of the table were deleted. */
  changed(): void {
    this.#version += 1;
  }

  /** Writes the new sightings; they must then be kept or forgotten. */
  append(appender: DuckDBAppender): void {
    for (const { scope, key, type, hourStartNs } of this.#unwritten) {
      appender.appendVarchar(scope);
      appender.appendVarchar(key);
      appender.appendVarchar(type);
      appender.appendBigInt(hourStartNs);
      appender.endRow();
    }
  }

  /** The transaction with the new rows was committed. */
  keep(): void {
    if (this.isNew) {
      this.changed();
    }
    this.#unwritten = [];
    if (this.#seenCount > remembered) {
      this.#clear();
    }
  }

  /** It was not. */
  forget(): void {
    if (this.#unwritten.length > 0) {
      this.#unwritten = [];
      this.#clear();
    }
  }

  /**
   * Forgets the hours before a span's, or all for null, so that they are written again should a span
   * of them come.
   * @returns When the first hour begins that is still remembered.
   */
  dropBefore(startNs: bigint | null): bigint | null {
    if (startNs === null) {
      this.#clear();
      return null;
    }
    const hourStartNs = startNs - (startNs % hourNs);
    for (const hour of this.#hours.keys()) {
      if (hour < hourStartNs) {
        this.#hours.delete(hour);
      }
    }
    this.#hour = newHour(-1n);
    this.#noted.clear();
    return hourStartNs;
  }

  #clear(): void {
    this.#hours.clear();
    this.#hour = newHour(-1n);
    this.#noted.clear();
    this.#seenCount = 0;
  }
}

/** @param startNs Below 0 for one that no span is of. */
function newHour(startNs: bigint): Hour {
  const types = {
    span: new Map(),
    resource: new Map(),
    instrumentation: new Map(),
    event: new Map(),
    link: new Map(),
  };
  return { startNs, endNs: startNs < 0n ? startNs : startNs + hourNs, types };
}

const typeBits = {
  string: 1,
  bool: 2,
  int: 4,
  double: 8,
  bytes: 16,
  array: 32,
  map: 64,
  empty: 128,
} as const satisfies Record<ValueType, number>;
