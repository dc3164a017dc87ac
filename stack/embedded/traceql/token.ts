import type { AttributeScope, Literal, Position } from "./syntax.ts";

/** A piece of a query's text. */
export type Token =
  | {
      readonly type: "attribute";
      readonly scope: AttributeScope;
      readonly name: string;
      at: Position;
    }
  /** A keyword, or an intrinsic, `span:name` included. */
  | { readonly type: "word"; readonly text: string; at: Position }
  | { readonly type: "literal"; readonly literal: Literal; readonly text: string; at: Position }
  | { readonly type: "operator"; readonly text: string; at: Position }
  | { readonly type: "end"; at: Position };

/** For messages: what stands there, as the user sees it. */
export function describeToken(token: Token): string {
  switch (token.type) {
    case "attribute":
      return `the attribute ${token.name}`;
    case "word":
    case "operator":
    case "literal":
      return `"${token.text}"`;
    case "end":
      return "the end of the query";
    default:
      return token satisfies never;
  }
}
