export {
  type ContractCheck,
  checkTraces,
  isSettling,
  isUnfinished,
  longestRequestMs,
  type NewName,
  type SampledTrace,
  settleMs,
  type TraceExample,
  type ViolationGroup,
} from "./check-traces.ts";
export {
  findContract,
  type Judgement,
  judgeServices,
  judgeTrace,
  notJudgedLines,
  requestRoots,
  type TracePart,
} from "./judge-trace.ts";
export type { UnseenName } from "./seen-names.ts";
export { exceptionForms, isUndeclared, plainValue } from "./span-rules.ts";
export { type ValidationOptions, validateTrace } from "./validate-trace.ts";
export { type Rule, rules, type Violation } from "./violation.ts";
