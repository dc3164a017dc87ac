import type { Span, SpanEvent } from "#contract";
import {
  type AttributeRow,
  type ExplainedViolation,
  resourceAttributeRows,
  spanAttributeRows,
  spanMeaning,
  type TraceStory,
  valueText,
} from "../../data/trace/trace-details.ts";
import { formatText } from "../../data/units.ts";
import { contracts } from "../services.ts";
import { Message } from "../shell/message.tsx";

interface SpanDetailsProps {
  readonly span: Span;
  readonly violations: readonly ExplainedViolation[];
  /** When the trace starts. */
  readonly startMs: number;
}

/** All that a span says, with what the contract says about it. */
export function SpanDetails({ span, violations, startMs }: SpanDetailsProps) {
  const sinceStart = (nanoseconds: bigint) =>
    `+${formatText(Number(nanoseconds) / 1e6 - startMs, "ms")}`;
  const { status, kind, scope } = span;
  const said = [
    `starts at ${sinceStart(span.startTimeUnixNano)}`,
    `status ${status.code}${status.message === "" ? "" : ` (${status.message})`}`,
    `kind ${kind}`,
    `made by ${[scope.name, scope.version].filter((word) => word !== "").join(" ") || "nobody named"}`,
    `id ${span.spanId}`,
  ];
  return (
    <div class="span-details">
      <p>{spanMeaning(contracts, span) ?? "The contract has no span of this name."}</p>
      <p class="weak">{said.join(" · ")}</p>
      {violations.length > 0 && (
        <ul class="violations">
          {violations.map((violation, place) => (
            <li key={place}>
              <Violation violation={violation} />
            </li>
          ))}
        </ul>
      )}
      <AttributeTable title="Attributes" rows={spanAttributeRows(contracts, span)} />
      {span.events.map((event, place) => (
        <Event key={place} event={event} offset={sinceStart(event.timeUnixNano)} />
      ))}
      {span.links.map(({ traceId, spanId }, place) => (
        <p key={place}>
          Linked to <a href={`/trace/${traceId}?span=${spanId}`}>{traceId}</a>
        </p>
      ))}
      <details>
        <summary>Resource: the program that made the span</summary>
        <AttributeTable title="Resource" rows={resourceAttributeRows(contracts, span)} />
      </details>
    </div>
  );
}

interface AttributeTableProps {
  readonly title: string;
  readonly rows: readonly AttributeRow[];
}

function AttributeTable({ title, rows }: AttributeTableProps) {
  if (rows.length === 0) {
    return <p class="weak">No attributes.</p>;
  }
  return (
    <table class="attributes">
      <caption class="weak">{title}</caption>
      <tbody>
        {rows.map(({ key, value, unit, brief }, place) => (
          <tr key={place}>
            <th scope="row">{key}</th>
            <td class="attribute-value">
              {value} <span class="weak">{unit}</span>
            </td>
            <td class={brief === undefined ? "unknown" : "weak"}>
              {brief ?? "The contract does not know it."}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Event({ event, offset }: { readonly event: SpanEvent; readonly offset: string }) {
  return (
    <section class="span-event" aria-label={`Event ${event.name}`}>
      <h3>
        {event.name} <span class="weak">{offset}</span>
      </h3>
      <dl>
        {event.attributes.map(({ key, value }, place) => (
          <div key={place}>
            <dt>{key}</dt>
            <dd>
              <pre>{valueText(value)}</pre>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

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

function Violation({ violation }: { readonly violation: ExplainedViolation }) {
  const { rule, seen, expected, brief } = violation;
  return (
    <>
      <code class="rule">{rule}</code> {brief}{" "}
      <span class="weak">
        Seen: {seen}. Expected: {expected}.
      </span>
    </>
  );
}
