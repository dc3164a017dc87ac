import { type Contract, getServiceName } from "../define/contract.ts";
import { allOf, anyOf, type Condition, PatternVariable, type TextVariable } from "./condition.ts";
import {
  createFields,
  createIntrinsics,
  type Field,
  type Intrinsics,
  type ResourceFields,
  type SpanOf,
} from "./field.ts";
import {
  type Field as FieldSyntax,
  type Spanset,
  type Stage,
  startPosition,
} from "./language/index.ts";

/** What all queries of a vocabulary have in common. */
export class Scope<C extends Contract> {
  readonly contract: C;
  readonly span: Intrinsics<SpanOf<C>>;
  readonly resource: ResourceFields<C>;
  readonly attributes: Readonly<Record<string, Field>>;
  /** Of every span: that it is the service's. */
  readonly conditions: readonly Condition[];
  /** Of the spans that are found, and not of those that they are related to. */
  readonly chosen: readonly Condition[];

  constructor(contract: C, conditions: readonly Condition[], chosen: readonly Condition[]) {
    this.contract = contract;
    this.span = createIntrinsics(contract);
    this.resource = createFields("resource", contract.resource.attributes) as ResourceFields<C>;
    this.attributes = createFields("span", contract.attributes);
    this.conditions = conditions;
    this.chosen = chosen;
  }

  /** The service's spans with one of these names, or all of them for null. */
  filter(
    spans: readonly string[] | null,
    condition: Condition | undefined,
    chosen: readonly Condition[] = this.chosen,
  ): Spanset {
    const names = spans?.map((identifier) => this.span.name.eq(identifier as SpanOf<C>)) ?? [];
    const conditions = [
      ...this.conditions,
      ...chosen,
      ...(names.length > 0 ? [anyOf(names)] : []),
      ...(condition === undefined ? [] : [condition]),
    ];
    return toFilter(conditions);
  }

  /** What was chosen, behind spans that are related to others; or nothing. */
  chosenFilter(): Stage[] {
    return this.chosen.length === 0 ? [] : [{ type: "spanset", spanset: toFilter(this.chosen) }];
  }

  /**
   * The field of an attribute by its identifier, or the field itself.
   * @throws RangeError for an attribute that none of the spans carries: it would be missing everywhere.
   */
  fieldOn(spans: readonly string[], field: string | Field): Field {
    const identifier = typeof field === "string" ? field : field.identifier;
    if (identifier === undefined || (typeof field !== "string" && isResourceField(field))) {
      return field as Field;
    }
    const carriers = spans.filter((span) =>
      Object.hasOwn(this.contract.spans[span]?.attributes ?? {}, identifier),
    );
    const found = this.attributes[identifier];
    if (carriers.length === 0 || found === undefined) {
      throw new RangeError(`${spans.join(" and ")} never carry ${identifier}.`);
    }
    return found;
  }

  /**
   * The same as it stands where TraceQL takes a field and no computation.
   * @throws RangeError also for a computation.
   */
  syntaxOn(spans: readonly string[], field: string | Field): FieldSyntax {
    const { expression, text } = this.fieldOn(spans, field);
    if (expression.type !== "field") {
      throw new RangeError(`TraceQL takes an attribute or the duration here, not ${text}.`);
    }
    return expression.field;
  }

  /** Of the spans that this service sends, by its name or by a variable for it. */
  static ofService<C extends Contract>(
    contract: C,
    service: string | TextVariable | PatternVariable = getServiceName(contract),
  ): Scope<C> {
    const field = createFields("resource", contract.resource.attributes)[
      contract.resource.serviceName
    ];
    if (field?.kind !== "string") {
      throw new RangeError("The contract's service name is no string attribute of its resource.");
    }
    const isPattern = service instanceof PatternVariable;
    return new Scope(contract, [isPattern ? field.matches(service) : field.eq(service)], []);
  }

  /** The same with one more condition for the spans that are found. */
  within(condition: Condition): Scope<C> {
    return new Scope(this.contract, this.conditions, [...this.chosen, condition]);
  }
}

function toFilter(conditions: readonly Condition[]): Spanset {
  const condition = conditions.length === 0 ? null : allOf(conditions).expression;
  return { type: "filter", condition, at: startPosition };
}

function isResourceField({ expression }: Field): boolean {
  return (
    expression.type === "field" &&
    expression.field.type === "attribute" &&
    expression.field.scope === "resource"
  );
}
