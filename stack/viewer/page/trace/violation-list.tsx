import type { ExplainedViolation, TraceStory } from "../../data/trace/trace-story.ts";
import { Message } from "../shell/message.tsx";

interface ViolationListProps {
  readonly story: TraceStory;
  readonly onSpan: (spanId: string) => void;
}

/**
 * What the trace breaks of the contract, each with the way to its span; or that it breaks nothing; or
 * that no contract judges it.
 */
export function ViolationList({ story, onSpan }: ViolationListProps) {
  return (
    <>
      {story.verdict === "kept" && <p class="kept">✓ As the contract says.</p>}
      {story.verdict === "broken" && <Broken violations={story.violations} onSpan={onSpan} />}
      {story.notJudged.map((line) => (
        <p key={line} class="weak not-judged">
          {line}
        </p>
      ))}
    </>
  );
}

interface BrokenProps extends Pick<ViolationListProps, "onSpan"> {
  readonly violations: readonly ExplainedViolation[];
}

function Broken({ violations, onSpan }: BrokenProps) {
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
