import type { Span, Value } from "#contract";
import { miniserve } from "#miniserve";
import {
  type AttributeScope,
  type Expression,
  type Field,
  type IntrinsicName,
  isArithmetic,
  type Query,
  type Scalar,
  type Spanset,
  type Stage,
} from "#traceql";
import { dedicatedColumns } from "../../../deployment/pipeline/tempo/dedicated-columns.ts";

type Binary = Extract<Expression, { type: "binary" }>;
type Filter = Extract<Spanset, { type: "filter" }>;
type Aggregate = Extract<Scalar, { type: "aggregate" }>;

/** Of which types the spans that are asked have an attribute of this name, or elements of one, in any scope. */
export type TypesOf = (name: string) => ReadonlySet<Value["type"]>;

export function readSpanTypes(spans: readonly Span[]): TypesOf {
  const attributes = spans.flatMap(({ attributes: own, resource, scope, events, links }) =>
    [
      own,
      resource.attributes,
      scope.attributes,
      ...[...events, ...links].map((one) => one.attributes),
    ].flat(),
  );
  const byName = Map.groupBy(attributes, ({ key }) => key);
  const ofName = (name: string) =>
    (byName.get(name) ?? []).flatMap(({ value }) =>
      value.type === "array" ? [value, ...value.value] : [value],
    );
  return (name) => new Set(ofName(name).map(({ type }) => type));
}

/** Every object in a part of a query, itself included. */
export function listParts(part: unknown): object[] {
  return typeof part !== "object" || part === null
    ? []
    : [part, ...Object.values(part).flatMap(listParts)];
}

/** The stages of a query, and of pipelines within it. */
export function listStages(stages: readonly Stage[]): Stage[] {
  const inner = listParts(stages).flatMap((part) =>
    "type" in part && part.type === "pipeline" && "stages" in part ? (part.stages as Stage[]) : [],
  );
  return [...inner, ...stages];
}

export function listBinaries(part: unknown): Binary[] {
  return listParts(part).filter(
    (one): one is Binary => "type" in one && one.type === "binary" && "operator" in one,
  );
}

export function listComparisons(part: unknown): Binary[] {
  return listBinaries(part).filter(({ operator }) => /^([<>]=?|!?=|[!=]~)$/.test(operator));
}

/** @param operators `unary -` is the sign of what is no literal. */
export function holdsOperator(part: unknown, ...operators: string[]): boolean {
  return listParts(part).some((one) => {
    const isUnary = "type" in one && one.type === "unary" && "operator" in one;
    return (
      "operator" in one &&
      operators.includes(isUnary && one.operator === "-" ? "unary -" : String(one.operator))
    );
  });
}

/** With the side of its comparison that it stands on. */
export function listAggregates({ stages }: Query): (Aggregate & { readonly isOnRight: boolean })[] {
  return listStages(stages).flatMap((stage) =>
    stage.type !== "scalarFilter"
      ? []
      : [stage.left, stage.right].flatMap((side, index) =>
          side.type === "aggregate" ? [{ ...side, isOnRight: index === 1 }] : [],
        ),
  );
}

export function listFields(part: unknown): Field[] {
  return listParts(part).filter(
    (one): one is Field => "type" in one && (one.type === "attribute" || one.type === "intrinsic"),
  );
}

/** Whether it names one of these intrinsics, or an attribute of one of these scopes. */
export function mentionsField(
  part: unknown,
  ...names: (IntrinsicName | `${AttributeScope}.`)[]
): boolean {
  return listFields(part).some((field) =>
    names.includes(field.type === "attribute" ? `${field.scope}.` : field.name),
  );
}

export function holdsFloat(part: unknown): boolean {
  return listParts(part).some((one) => "type" in one && one.type === "float");
}

export function isConstant(expression: Expression): boolean {
  return listFields(expression).length === 0;
}

export function isNil({ left, right }: Binary): boolean {
  return [left, right].some((side) => side.type === "literal" && side.literal.type === "nil");
}

/** Whether an expression is a condition, and no value. */
export function isCondition(expression: Expression): boolean {
  return (
    (expression.type === "unary" && expression.operator === "!") ||
    (expression.type === "binary" && !isArithmetic(expression.operator))
  );
}

/** Whether some span has an array where this expression is an attribute. */
export function hasArray(expression: Expression, getTypes: TypesOf): boolean {
  return (
    expression.type === "field" &&
    expression.field.type === "attribute" &&
    getTypes(expression.field.name).has("array")
  );
}

export function isServiceName(field: Field): boolean {
  return (
    field.name === "service.name" &&
    field.type === "attribute" &&
    (field.scope === "resource" || field.scope === "any")
  );
}

/** The conditions in the braces of a query. */
export function listConditions(query: Query): Expression[] {
  return listParts(query)
    .filter((part): part is Filter => "type" in part && part.type === "filter")
    .flatMap(({ condition }) => condition ?? []);
}

/** Whether what is asked of a field is turned round, as in `!(…)` and `(…) = false`; twice is not at all. */
export function isTurnedRound(expression: Expression, isTurned = false): boolean {
  if (expression.type === "unary" && expression.operator === "!") {
    return isTurnedRound(expression.operand, !isTurned);
  }
  if (expression.type !== "binary" || !isCondition(expression)) {
    return isTurned && !isConstant(expression);
  }
  const { operator, left, right } = expression;
  if (operator === "&&" || operator === "||") {
    return isTurnedRound(left, isTurned) || isTurnedRound(right, isTurned);
  }
  if (!(isCondition(left) || isCondition(right))) {
    return isTurned && !isConstant(expression);
  }
  const [inner, truth] = isCondition(left) ? [left, right] : [right, left];
  return truth.type === "literal" && truth.literal.type === "bool"
    ? isTurnedRound(inner, isTurned !== ((operator === "=") !== truth.literal.value))
    : !isConstant(expression);
}

/** Whether it has another stage, or another spanset. */
export function asksMore(query: Query): boolean {
  const filters = listParts(query).filter((part) => "type" in part && part.type === "filter");
  return query.stages.length > 1 || query.metrics !== null || filters.length > 1;
}

const withColumn = new Set(dedicatedColumns([miniserve]).map(({ name }) => name));

/** Whether it has a dedicated column in the generated configuration of a real Tempo. */
export function hasColumn({ name }: Field): boolean {
  return withColumn.has(name);
}
