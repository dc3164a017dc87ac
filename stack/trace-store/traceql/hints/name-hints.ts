import {
  type Contract,
  changesAllowed,
  exceptionEvent,
  listRenames,
  nearestTo,
  type Rename,
} from "#contract";
import {
  type AttributeScope,
  type Expression,
  type Field,
  findIntrinsic,
  type Literal,
  type Query,
} from "#traceql";
import type { Vocabulary } from "../plan/vocabulary.ts";
import { printField } from "../print-expression.ts";

export type Comparison = Extract<Expression, { type: "binary" }>;

interface NameHintsInput {
  readonly contracts: readonly Contract[];
  readonly known: NameIndex;
  /** Only what found nothing is looked at for values that nobody knows. */
  readonly foundNothing: boolean;
  /** Whether any span fulfils a comparison. */
  readonly isStored: (comparison: Comparison) => Promise<boolean>;
}

/** More would not be read. */
const mostHints = 3;
/** Each reads the spans once. */
const mostLooks = 10;

/**
 * Names in a query that neither the contract nor a stored span has, with those that may have been
 * meant: a sentence each, in which there is nothing but printable ASCII.
 */
export async function nameHints(query: Query, input: NameHintsInput): Promise<string[]> {
  const { known, foundNothing, isStored } = input;
  const nodes = [...walkNodes(query)];
  const sentences = new Set<string>();
  for (const field of nodes.filter(isField)) {
    if (field.type === "attribute" && !known.has(field) && sentences.size < mostHints) {
      sentences.add(formatHint(printField(field), known.nearest(field)));
    }
  }
  const doubtful = nodes.filter(isComparison).flatMap((comparison) => {
    const asked = askedValue(comparison, input.contracts);
    return asked === undefined ? [] : [{ comparison, ...asked }];
  });
  for (const { comparison, field, value, values } of doubtful.slice(0, mostLooks)) {
    if (foundNothing && sentences.size < mostHints && !(await isStored(comparison))) {
      const nearest = nearestTo(value, values, changesAllowed(value));
      sentences.add(
        formatHint(
          `${printField(field)} = ${JSON.stringify(value)}`,
          nearest === undefined ? undefined : JSON.stringify(nearest),
        ),
      );
    }
  }
  return [...sentences];
}

function formatHint(name: string, meant: string | undefined): string {
  const seen = `Neither the contract nor any stored span has ${shown(name)}.`;
  return meant === undefined ? seen : `${seen} Did you mean ${shown(meant)}?`;
}

const longestShown = 120;

/** A name comes from a stranger, and goes into headers and onto terminals and pages. */
function shown(name: string): string {
  const short = name.length > longestShown ? `${name.slice(0, longestShown)}...` : name;
  return short.replace(
    /[^\x20-\x7e]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

interface AskedValue {
  readonly field: Field;
  readonly value: string;
  /** Those that the contract has. */
  readonly values: readonly string[];
}

/** Of a comparison with a value of a closed list, the value when it is not in there. */
function askedValue(
  comparison: Comparison,
  contracts: readonly Contract[],
): AskedValue | undefined {
  const [one, other] = [comparison.left, comparison.right];
  const [field, literal] = one.type === "field" ? [one, other] : [other, one];
  if (field.type !== "field" || literal.type !== "literal") {
    return undefined;
  }
  const values = closedValues(field.field, contracts);
  const value = findText(literal.literal);
  return values === undefined || value === undefined || values.includes(value)
    ? undefined
    : { field: field.field, value, values };
}

function findText(literal: Literal): string | undefined {
  return literal.type === "string" ? literal.value : undefined;
}

function closedValues(field: Field, contracts: readonly Contract[]): readonly string[] | undefined {
  if (field.type === "intrinsic") {
    return field.name === "span:name"
      ? contracts.flatMap(({ spans }) => Object.values(spans).map(({ name }) => name))
      : undefined;
  }
  const attributes = contracts.flatMap((contract) => [
    ...(field.scope === "resource" ? [] : Object.values(contract.attributes)),
    ...(field.scope === "span" ? [] : Object.values(contract.resource.attributes)),
  ]);
  const lists = attributes.filter(({ key }) => key === field.name).map(({ values }) => values);
  // Where one service takes any value, none can be called mistyped.
  return lists.length === 0 || lists.includes(undefined)
    ? undefined
    : lists.flatMap((values) => values ?? []).filter((value) => typeof value === "string");
}

/** Every part of a query that says its type. */
function* walkNodes(part: unknown): Generator<{ readonly type: unknown }> {
  if (typeof part !== "object" || part === null) {
    return;
  }
  if ("type" in part) {
    yield part;
  }
  for (const inner of Object.values(part)) {
    yield* walkNodes(inner);
  }
}

function isField(node: { readonly type: unknown }): node is Field {
  return node.type === "attribute" || node.type === "intrinsic";
}

function isComparison(node: { readonly type: unknown }): node is Comparison {
  return node.type === "binary" && (node as Comparison).operator === "=";
}

type NamedAttribute = Extract<Field, { type: "attribute" }>;
type Scope = Exclude<AttributeScope, "any">;

const scopes = ["span", "resource", "event", "link", "instrumentation"] as const;
/** So many are compared with a name that nobody knows: a stranger's spans may have any number. */
const mostCompared = 2_000;

/** The names of attributes that the contract has or any stored span. */
export class NameIndex {
  readonly #declared: Partial<Record<Scope, ReadonlySet<string>>>;
  readonly #vocabulary: Vocabulary;
  readonly #renames: readonly Rename[];

  constructor(contracts: readonly Contract[], vocabulary: Vocabulary) {
    const listKeys = (all: readonly Contract["attributes"][]) =>
      all.flatMap((attributes) => Object.values(attributes).map(({ key }) => key));
    const { type, message, stack } = exceptionEvent;
    this.#vocabulary = vocabulary;
    this.#renames = contracts.flatMap(listRenames);
    this.#declared = {
      span: new Set([
        ...listKeys(contracts.map(({ attributes }) => attributes)),
        ...vocabulary.columns.map(({ key }) => key),
      ]),
      resource: new Set(listKeys(contracts.map(({ resource }) => resource.attributes))),
      event: new Set([type.key, message.key, stack.key]),
    };
  }

  has(field: Field): boolean {
    return (
      field.type === "intrinsic" ||
      searchedScopes(field).some(
        (scope) =>
          this.#declared[scope]?.has(field.name) === true ||
          this.#vocabulary.listTypes(scope, field.name).size > 0,
      )
    );
  }

  /** What an attribute that nobody knows is called now, or what may have been meant, as a query writes it. */
  nearest(field: NamedAttribute): string | undefined {
    const { name } = field;
    const intrinsic = findIntrinsic(`${field.scope}:${name}`) ?? findIntrinsic(name);
    if (intrinsic !== undefined) {
      return printField({ type: "intrinsic", name: intrinsic });
    }
    const rename = this.#renames.find(
      ({ kind, before }) =>
        before === name && searchedScopes(field).some((scope) => renamedKinds[scope] === kind),
    );
    if (rename !== undefined) {
      return printField({ ...field, name: rename.now });
    }
    const searched = searchedScopes(field);
    const others = scopes.filter((scope) => !searched.includes(scope));
    return this.#like(name, searched, field.scope) ?? this.#like(name, others, field.scope);
  }

  /** The same name, one that ends with it, or the nearest. */
  #like(name: string, among: readonly Scope[], asked: AttributeScope): string | undefined {
    const scopeByKey = new Map<string, Scope>();
    for (const scope of among) {
      const stored = this.#vocabulary.listKeys(scope).map(({ name: key }) => key);
      for (const key of [...(this.#declared[scope] ?? []), ...stored]) {
        if (!scopeByKey.has(key)) {
          scopeByKey.set(key, scope);
        }
      }
    }
    const known = [...scopeByKey.keys()].slice(0, mostCompared);
    const like =
      (scopeByKey.has(name) ? name : undefined) ??
      known.find((one) => one.endsWith(`.${name}`)) ??
      nearestTo(name, known, changesAllowed(name));
    const scope = like === undefined ? undefined : scopeByKey.get(like);
    if (like === undefined || scope === undefined) {
      return undefined;
    }
    const isUnscoped = asked === "any" && searchedScopes({ scope: "any" }).includes(scope);
    return printField({ type: "attribute", scope: isUnscoped ? "any" : scope, name: like });
  }
}

const renamedKinds: Partial<Record<Scope, Rename["kind"]>> = {
  span: "attribute",
  resource: "resource attribute",
};

function searchedScopes({ scope }: Pick<NamedAttribute, "scope">): readonly Scope[] {
  return scope === "any" ? ["span", "resource"] : [scope];
}
