import type { Attribute, Contract } from "#contract";
import type { ColumnScope, DedicatedColumn } from "./model.ts";

/** Tempo itself only warns of more, and leaves them out. */
const maxStringColumns = 20;

/**
 * A column for every string: only with one does `= nil` find each span without the attribute, and
 * only strings are ever asked that way.
 */
export function dedicatedColumns(contract: Contract): DedicatedColumn[] {
  return [
    ...listStringAttributes(contract.resource.attributes).map((attribute) =>
      column("resource", attribute),
    ),
    ...listStringAttributes(contract.attributes).map((attribute) => column("span", attribute)),
  ];
}

/** A sentence for each scope that has more strings than Tempo has columns. */
export function columnFaults(contract: Contract): string[] {
  return [...Map.groupBy(dedicatedColumns(contract), ({ scope }) => scope)].flatMap(
    ([scope, columns]) =>
      columns.length <= maxStringColumns
        ? []
        : [
            `${columns.length} strings of the ${scope}, and Tempo has columns for ${maxStringColumns}: ` +
              columns.map(({ name }) => name).join(", "),
          ],
  );
}

function listStringAttributes(attributes: Readonly<Record<string, Attribute>>): Attribute[] {
  return Object.values(attributes).filter(({ type }) => type === "string");
}

function column(scope: ColumnScope, { key, unique }: Attribute): DedicatedColumn {
  return { scope, name: key, type: "string", ...(unique ? { options: ["blob"] } : {}) };
}
