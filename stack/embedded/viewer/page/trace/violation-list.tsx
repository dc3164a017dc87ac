import type { ExplainedViolation } from "../../data/trace/trace-story.ts";
import { Message } from "../shell/message.tsx";

interface ViolationListProps {
  readonly violations: readonly ExplainedViolation[];
  readonly onSpan: (spanId: string) => void;
}

/** What the trace breaks of the contract, each with the way to its span; or that it breaks nothing. */
export function ViolationList({ violations, onSpan }: ViolationListProps) {
  if (violations.length === 0) {
    return <p class="kept">✓ As the contract says.</p>;
  }
  const count = violations.length;
  return (
    <Message kind="error" title={`It breaks the contract${count === 1 ? "" : ` ${count} times`}.`}>
      <details open={count <= fewViolations}>
        <summary>How, and where</summary>
        <ul class="violations">
          {violations.map((violation, place) => (
            <li key={place}>
              <button type="button" class="link-button" onClick={() => onSpan(violation.spanId)}>
                {violation.spanName}
              </button>{" "}
              <Violation violation={violation} />
            </li>
          ))}
        </ul>
      </details>
    </Message>
  );
}

/** More would push the spans out of sight; each is marked on its span as well. */
const fewViolations = 4;

export function Violation({ violation }: { readonly violation: ExplainedViolation }) {
  const { rule, seen, expected, meaning } = violation;
  return (
    <>
      <code class="rule">{rule}</code> {meaning}{" "}
      <span class="weak">
        Seen: {seen}. Expected: {expected}.
      </span>
    </>
  );
}
