/** For tests: a shop whose contract has renamed some names, and boards that ask it for things. */
import {
  counter,
  defineAttributes,
  defineContract,
  defineMetrics,
  defineSpanTree,
  histogram,
  int,
  oneOf,
  span,
  string,
} from "#contract";
import { type Board, noSurroundings, type Surroundings } from "../../scripts/audit/boards/board.ts";
import { readBoards } from "../../scripts/audit/boards/read-boards.ts";
import { readDocuments } from "../../scripts/audit/documents/text-document.ts";
import { type AuditedPanel, auditBoard } from "../../scripts/audit/judge/audit-boards.ts";
import { contractNames } from "../../scripts/audit/known/contract-names.ts";
import type { KnownNames } from "../../scripts/audit/known/known-names.ts";
import { recordedNames } from "../../scripts/audit/known/recorded-names.ts";
import { checkout } from "../support/traces/checkout.ts";

const attributes = defineAttributes({
  items: int("shop.items.count", {
    brief: "Items in the cart.",
    min: 0,
    examples: [3],
    renamedFrom: ["shop.items"],
  }),
  state: oneOf("shop.payment.state", ["paid", "declined"], { brief: "How it stands." }),
  cashier: string("shop.cashier", {
    brief: "Still sent.",
    pattern: /[a-z]+/,
    examples: ["a"],
    deprecated: { renamedTo: "shop.till.name" },
  }),
  till: string("shop.till.name", { brief: "Which till.", pattern: /[a-z]+/, examples: ["a"] }),
});

export const shop = defineContract({
  tracerName: "shop",
  resource: checkout.resource,
  attributes,
  spans: defineSpanTree(attributes, {
    checkout: span("checkout", {
      brief: "From cart to order.",
      parent: null,
      atStart: ["items"],
      renamedFrom: ["buy"],
    }),
    pay: span("payment.charge", { brief: "Charges.", parent: "checkout", atEnd: ["state"] }),
  }),
  logEvents: {},
  metrics: defineMetrics(attributes, {
    sold: counter("shop.sold", {
      brief: "Orders.",
      advice: "None.",
      unit: "{order}",
      attributes: ["state"],
    }),
    took: histogram("shop.checkout.duration", {
      brief: "Time.",
      advice: "None.",
      unit: "s",
      buckets: [1, 2],
      renamedFrom: ["shop.took"],
    }),
  }),
  invariants: [],
  undeclared: ["shop.note.*"],
});

export interface Asked {
  readonly title: string;
  readonly query: string;
  /** By which datasource; a Tempo, if left out. */
  readonly by?: "tempo" | "prometheus";
}

export function target({ query, by = "tempo" }: Asked) {
  const datasource = { type: by, uid: by };
  return by === "tempo"
    ? { refId: "A", datasource, queryType: "traceql", query }
    : { refId: "A", datasource, expr: query };
}

/** A dashboard in the classic form. */
export function classicBoard(asked: readonly Asked[], more: object = {}) {
  return {
    uid: "shop",
    title: "Shop",
    schemaVersion: 42,
    panels: asked.map((one, index) => ({
      id: index + 1,
      type: "timeseries",
      title: one.title,
      targets: [target(one)],
    })),
    ...more,
  };
}

export interface Audited extends AuditedPanel {
  readonly board: Board;
}

/** Audits a text as the command does with a file, by the shop's contract unless other names are given. */
export async function auditText(
  text: string,
  {
    known = [contractNames(shop)],
    surroundings = noSurroundings,
  }: { readonly known?: readonly KnownNames[]; readonly surroundings?: Surroundings } = {},
): Promise<Audited[]> {
  const boards = readDocuments(text).flatMap((document) => readBoards(document, surroundings));
  const names = [...known, recordedNames(boards)];
  const audited: Audited[] = [];
  for (const board of boards) {
    const panels = await auditBoard(board, { known: names, hasData: async () => undefined });
    audited.push(...panels.map((panel) => ({ ...panel, board })));
  }
  return audited;
}

/** As the report has it: state, and each fault with the nearest name. */
export function summarize({ panel, state, queries }: AuditedPanel): string {
  const faults = queries
    .flatMap((query) => query.faults)
    .map(({ kind, name, of, nearest }) =>
      [
        kind,
        name,
        ...(of === undefined ? [] : ["of", of]),
        ...(nearest === undefined ? [] : ["→", nearest]),
      ].join(" "),
    );
  return `${panel.title}: ${[state, ...faults].join(", ")}`;
}
