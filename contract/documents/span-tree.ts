import { type Contract, childrenOf, rootOf } from "../define/contract.ts";
import type { Presence, SpanDefinition } from "../define/span.ts";

export const presenceNotes = {
  always: "",
  "on-demand": "when asked for",
  sampled: "any number, sampled",
} as const satisfies Record<Presence, string>;

/** The tree of a request as lines of text, a span a line, with what is not always there noted. */
export function drawContractTree(contract: Contract): string[] {
  const rows = rowsBelow(contract, rootOf(contract), "", "");
  const width = Math.max(...rows.map(({ drawn }) => drawn.length));
  return rows.map(({ drawn, note }) => `${drawn.padEnd(width)}  ${note}`.trimEnd());
}

function rowsBelow(
  contract: Contract,
  definition: SpanDefinition,
  branch: string,
  indent: string,
): { readonly drawn: string; readonly note: string }[] {
  const children = childrenOf(contract, definition);
  return [
    { drawn: branch + definition.name, note: presenceNotes[definition.presence] },
    ...children.flatMap((child, index) => {
      const isLast = index === children.length - 1;
      const below = indent + (isLast ? "   " : "│  ");
      return rowsBelow(contract, child, indent + (isLast ? "└─ " : "├─ "), below);
    }),
  ];
}
