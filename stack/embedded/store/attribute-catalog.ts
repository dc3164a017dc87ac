import type { DuckDBAppender } from "@duckdb/node-api";
import type { KeyValue, Value } from "#contract";

export type AttributeScope = "span" | "resource" | "instrumentation" | "event" | "link";
type ValueType = Value["type"];

const hourNs = 3_600_000_000_000n;
/** How many sightings are remembered. One that was forgotten is written once more, which does no harm. */
const remembered = 20_000;

/** Notes which attributes there are, so that nobody has to read all spans to list them. */
export class AttributeCatalog {
  readonly table = "attribute_catalog";
  /** Hour of the start → scope → key → the types seen, a bit each. */
  readonly #seen = new Map<bigint, Map<AttributeScope, Map<string, number>>>();
  #seenCount = 0;
  #unwritten: { scope: AttributeScope; key: string; type: ValueType; hourStartNs: bigint }[] = [];

  /** @param startNs The start of the span that the attributes belong to. */
  note(scope: AttributeScope, attributes: readonly KeyValue[], startNs: bigint): void {
    if (attributes.length === 0) {
      return;
    }
    const hourStartNs = startNs - (startNs % hourNs);
    const typesByKey = this.#typesByKey(hourStartNs, scope);
    for (const { key, value } of attributes) {
      const types = typesByKey.get(key) ?? 0;
      const bit = typeBits[value.type];
      if ((types & bit) === 0) {
        typesByKey.set(key, types | bit);
        this.#seenCount += 1;
        this.#unwritten.push({ scope, key, type: value.type, hourStartNs });
      }
    }
  }

  #typesByKey(hourStartNs: bigint, scope: AttributeScope): Map<string, number> {
    const scopes = this.#seen.get(hourStartNs) ?? new Map<AttributeScope, Map<string, number>>();
    this.#seen.set(hourStartNs, scopes);
    const typesByKey = scopes.get(scope) ?? new Map<string, number>();
    scopes.set(scope, typesByKey);
    return typesByKey;
  }

  /** Whether there is anything that is not written yet. */
  get isNew(): boolean {
    return this.#unwritten.length > 0;
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

  #clear(): void {
    this.#seen.clear();
    this.#seenCount = 0;
  }
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
