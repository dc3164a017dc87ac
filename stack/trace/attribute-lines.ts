import { type Contract, childrenOf, type Span } from "#contract";
import { attributeText } from "./attribute-text.ts";
import { nameColumn } from "./name-column.ts";
import { packWords } from "./pack-words.ts";

/** The attributes of each span beside its name, going on below where the columns end. */
export function attributeLines(
  contract: Contract,
  spans: readonly Span[],
  columns: number,
): string[] {
  const width = Math.max(...spans.map((span) => nameColumn(span).length), 0);
  const room = columns - width - 2;
  return inContractOrder(contract, spans).flatMap((span) =>
    packWords(span.attributes.map(attributeText), { first: room, rest: room }).map((line, index) =>
      `${(index === 0 ? nameColumn(span) : "").padEnd(width)}  ${line}`.trimEnd(),
    ),
  );
}

/** The spans in the order in which the contract's stages run, a parent before its children. */
function inContractOrder(contract: Contract, spans: readonly Span[]): Span[] {
  const order: string[] = [];
  const visit = (definition: (typeof contract.spans)[string]) => {
    order.push(definition.name);
    childrenOf(contract, definition).forEach(visit);
  };
  Object.values(contract.spans)
    .filter(({ parent }) => parent === null)
    .forEach(visit);
  return spans.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}
