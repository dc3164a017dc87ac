import type { Attribute, AttributeRecord, Contract, KeyValue, Span } from "#contract";
import { valueText } from "./value-text.ts";

/** An attribute with what the contract says about it. */
export interface AttributeRow {
  readonly key: string;
  readonly value: string;
  readonly unit: string;
  /** Undefined when the contract does not know it. */
  readonly meaning: string | undefined;
}

/** A span's own attributes, in the order in which they were set. */
export function spanAttributeRows(contract: Contract, span: Span): AttributeRow[] {
  const definition = Object.values(contract.spans).find(({ name }) => name === span.name);
  return rowsOf(span.attributes, { ...contract.attributes, ...definition?.attributes });
}

/** Those of the program that made the span. */
export function resourceAttributeRows(contract: Contract, span: Span): AttributeRow[] {
  return rowsOf(span.resource.attributes, contract.resource.attributes);
}

/** What the contract says a span is for; undefined when it does not know it. */
export function spanMeaning(contract: Contract, span: Span): string | undefined {
  return Object.values(contract.spans).find(({ name }) => name === span.name)?.meaning;
}

function rowsOf(attributes: readonly KeyValue[], known: AttributeRecord): AttributeRow[] {
  const byKey = new Map<string, Attribute>(Object.values(known).map((one) => [one.key, one]));
  return attributes.map(({ key, value }) => {
    const definition = byKey.get(key);
    return {
      key,
      value: valueText(value),
      unit: unitText(definition?.unit),
      meaning: definition?.meaning,
    };
  });
}

/** UCUM writes what is counted in braces: `{token}`. */
function unitText(unit: string | undefined): string {
  return unit === undefined || unit === "1" ? "" : unit.replaceAll(/[{}]/g, "");
}
