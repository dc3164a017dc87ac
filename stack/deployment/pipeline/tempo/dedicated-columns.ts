import type { Attribute, Contract } from "#contract";
import type { ColumnScope, DedicatedColumn } from "./model.ts";

/** Tempo itself only warns of more, and leaves them out. */
const maxStringColumns = 20;

/**
 * A column for every string: only with one does `= nil` find each span without the attribute, and
 * only strings are ever asked that way. Where there are more than Tempo takes, those come first that
 * have few values.
 */
export function dedicatedColumns(contracts: readonly Contract[]): DedicatedColumn[] {
  return listColumns(contracts).flatMap((columns) => columns.slice(0, maxStringColumns));
}

/** The strings that have no column, because Tempo takes no more. */
export function withoutColumn(contracts: readonly Contract[]): string[] {
  return listColumns(contracts).flatMap((columns) =>
    columns.slice(maxStringColumns).map(({ scope, name }) => `${scope}.${name}`),
  );
}

function listColumns(contracts: readonly Contract[]): DedicatedColumn[][] {
  return [
    columnsFor(
      "resource",
      contracts.flatMap(({ resource }) => Object.values(resource.attributes)),
    ),
    columnsFor(
      "span",
      contracts.flatMap(({ attributes }) => Object.values(attributes)),
    ),
  ];
}

function columnsFor(scope: ColumnScope, attributes: readonly Attribute[]): DedicatedColumn[] {
  const strings = [
    ...new Map(
      attributes.filter(({ type }) => type === "string").map((one) => [one.key, one]),
    ).values(),
  ];
  const inOrder =
    strings.length <= maxStringColumns
      ? strings
      : strings.toSorted((one, other) => manyValues(one) - manyValues(other));
  return inOrder.map(({ key, unique }) => ({
    scope,
    name: key,
    type: "string",
    ...(unique ? { options: ["blob"] } : {}),
  }));
}

function manyValues({ values, unique }: Attribute): number {
  return unique ? 2 : values === undefined ? 1 : 0;
}
