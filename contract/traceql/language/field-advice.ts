import { changesAllowed, nearestTo } from "../../text/nearest.ts";
import type { Cursor } from "./cursor.ts";
import { intrinsicSpellings } from "./intrinsics.ts";
import { printField } from "./print.ts";

const longestAdvised = 100;

/** What may have been meant where a field is expected and another word stands; else nothing. */
export function fieldAdvice(cursor: Cursor): string {
  const { token } = cursor;
  const next = cursor.peek(1);
  if (token.type !== "word") {
    return "";
  }
  const isPath =
    next.type === "attribute" &&
    next.scope === "any" &&
    next.at.offset === token.at.offset + token.text.length;
  if (isPath) {
    const name = `${token.text}.${next.name}`;
    const field = printField({ type: "attribute", scope: "span", name });
    return field.length > longestAdvised ? "" : `; an attribute has a scope, as in ${field}`;
  }
  const nearest = nearestTo(token.text, intrinsicSpellings, changesAllowed(token.text));
  return nearest === undefined ? "" : `; did you mean ${nearest}?`;
}
