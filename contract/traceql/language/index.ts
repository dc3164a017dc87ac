/** TraceQL as a language: its text, its syntax tree, and the ways between them. It knows no contract. */
export { foldConstants } from "./fold-constants.ts";
export {
  findIntrinsic,
  type IntrinsicType,
  intrinsicTypes,
  olderSpelling,
} from "./intrinsics.ts";
export { isDurationField, isMetricsQuery, parseMetricsStage } from "./metrics-stage.ts";
export { parseField, parseQuery } from "./parser.ts";
export {
  type PrintStyle,
  printExpression,
  printLiteral,
  printQuery,
} from "./print.ts";
export { QueryError, type QueryErrorCode } from "./query-error.ts";
export { type Piece, scanUnfinished } from "./scanner.ts";
export * from "./syntax.ts";
