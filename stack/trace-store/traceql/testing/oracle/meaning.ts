import { type Expression, foldConstants, type Query } from "#traceql";

/** What two texts of a query have in common when they mean the same. */
export function normalizeQuery(query: Query): string {
  return withoutPlaces(folded(query));
}

/** With what is known before any span is read calculated, as the parser does it. */
function folded<Part>(part: Part): Part {
  if (typeof part !== "object" || part === null) {
    return part;
  }
  if (Array.isArray(part)) {
    return part.map(folded) as Part;
  }
  const isExpression = "type" in part && (part.type === "binary" || part.type === "unary");
  return isExpression
    ? (foldConstants(part as unknown as Expression) as Part)
    : (Object.fromEntries(
        Object.entries(part).map(([key, inner]) => [key, folded(inner)]),
      ) as Part);
}

function withoutPlaces(query: Query): string {
  return JSON.stringify(query, (key, value) => {
    if (key === "at") {
      return undefined;
    }
    return typeof value === "bigint" ? `${value}n` : value;
  });
}
