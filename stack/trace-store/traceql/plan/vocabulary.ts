import type { Value } from "#contract";
import type { AttributeScope, Field } from "#traceql";
import type { AttributeColumn, AttributeScope as CatalogScope } from "../../store/index.ts";

/** What the store holds: which columns there are, and which attributes were ever seen with which types. */
export class Vocabulary {
  readonly #columns: ReadonlyMap<string, readonly AttributeColumn[]>;
  readonly #types = new Map<string, Set<Value["type"]>>();

  /** @param seen Rows of the attribute catalogue: scope, key, type. */
  constructor(
    columns: readonly AttributeColumn[],
    seen: Iterable<readonly [scope: string, key: string, type: string]>,
  ) {
    this.#columns = Map.groupBy(columns, ({ key }) => key);
    for (const [scope, key, type] of seen) {
      const name = `${scope} ${key}`;
      const types = this.#types.get(name) ?? new Set();
      this.#types.set(name, types.add(type as Value["type"]));
    }
  }

  /** All columns that hold attributes. */
  get columns(): readonly AttributeColumn[] {
    return [...this.#columns.values()].flat();
  }

  listColumns(key: string): readonly AttributeColumn[] {
    return this.#columns.get(key) ?? [];
  }

  /** Every attribute of these scopes that was ever seen, sorted. */
  listKeys(
    ...scopes: readonly (CatalogScope & AttributeScope)[]
  ): Extract<Field, { type: "attribute" }>[] {
    return scopes.flatMap((scope) =>
      [...this.#types.keys()]
        .filter((name) => name.startsWith(`${scope} `))
        .map((name) => ({ type: "attribute" as const, scope, name: name.slice(scope.length + 1) }))
        .sort((one, other) => (one.name < other.name ? -1 : 1)),
    );
  }

  listTypes(scope: CatalogScope, key: string): ReadonlySet<Value["type"]> {
    return this.#types.get(`${scope} ${key}`) ?? new Set();
  }
}
