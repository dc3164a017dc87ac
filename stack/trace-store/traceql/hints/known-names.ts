import { type Contract, changesAllowed, exceptionEvent, nearestTo } from "#contract";
import { type AttributeScope, type Field, findIntrinsic } from "#traceql";
import type { Vocabulary } from "../plan/vocabulary.ts";
import { printField } from "../print-expression.ts";

type NamedAttribute = Extract<Field, { type: "attribute" }>;
type Scope = Exclude<AttributeScope, "any">;

const scopes = ["span", "resource", "event", "link", "instrumentation"] as const;
/** So many are compared with a name that nobody knows: a stranger's spans may have any number. */
const mostCompared = 2_000;

/** The names of attributes that the contract has or any stored span. */
export class KnownNames {
  readonly #declared: Partial<Record<Scope, ReadonlySet<string>>>;
  readonly #vocabulary: Vocabulary;

  constructor(contract: Contract, vocabulary: Vocabulary) {
    const keysOf = (attributes: Contract["attributes"]) =>
      Object.values(attributes).map(({ key }) => key);
    const { type, message, stack } = exceptionEvent;
    this.#vocabulary = vocabulary;
    this.#declared = {
      span: new Set([...keysOf(contract.attributes), ...vocabulary.columns.map(({ key }) => key)]),
      resource: new Set(keysOf(contract.resource.attributes)),
      event: new Set([type.key, message.key, stack.key]),
    };
  }

  has(field: Field): boolean {
    return (
      field.type === "intrinsic" ||
      searchedScopes(field).some(
        (scope) =>
          this.#declared[scope]?.has(field.name) === true ||
          this.#vocabulary.typesOf(scope, field.name).size > 0,
      )
    );
  }

  /** What may have been meant by an attribute that nobody knows, as a query writes it. */
  nearest(field: NamedAttribute): string | undefined {
    const { name } = field;
    const intrinsic = findIntrinsic(`${field.scope}:${name}`) ?? findIntrinsic(name);
    if (intrinsic !== undefined) {
      return printField({ type: "intrinsic", name: intrinsic });
    }
    const searched = searchedScopes(field);
    const others = scopes.filter((scope) => !searched.includes(scope));
    return this.#like(name, searched, field.scope) ?? this.#like(name, others, field.scope);
  }

  /** The same name, one that ends with it, or the nearest. */
  #like(name: string, among: readonly Scope[], asked: AttributeScope): string | undefined {
    const scopeOf = new Map<string, Scope>();
    for (const scope of among) {
      const stored = this.#vocabulary.keysOf(scope).map(({ name: key }) => key);
      for (const key of [...(this.#declared[scope] ?? []), ...stored]) {
        if (!scopeOf.has(key)) {
          scopeOf.set(key, scope);
        }
      }
    }
    const known = [...scopeOf.keys()].slice(0, mostCompared);
    const like =
      (scopeOf.has(name) ? name : undefined) ??
      known.find((one) => one.endsWith(`.${name}`)) ??
      nearestTo(name, known, changesAllowed(name));
    const scope = like === undefined ? undefined : scopeOf.get(like);
    if (like === undefined || scope === undefined) {
      return undefined;
    }
    const isUnscoped = asked === "any" && searchedScopes({ scope: "any" }).includes(scope);
    return printField({ type: "attribute", scope: isUnscoped ? "any" : scope, name: like });
  }
}

function searchedScopes({ scope }: Pick<NamedAttribute, "scope">): readonly Scope[] {
  return scope === "any" ? ["span", "resource"] : [scope];
}
