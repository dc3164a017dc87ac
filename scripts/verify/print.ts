import { type Contract, judgeTrace, notJudgedLines, shortText } from "#contract";
import { attributeLines, type CommandCall, drawSpanTree } from "../../stack/index.ts";
import { type Check, type Faults, titles } from "./checks.ts";
import type { MadeRequest } from "./requests.ts";

export interface CheckedRequest {
  readonly request: MadeRequest;
  readonly faults: Faults;
}

type Output = Pick<CommandCall<Record<never, never>>, "say" | "style" | "columns">;

/** Of what stands under a check. */
const indentColumns = 5;

/** The checklist in the order of the lab: a check, and under it what was found of each request. */
export function printChecklist(
  contract: Contract,
  checked: readonly CheckedRequest[],
  output: Output,
): void {
  const { say, style } = output;
  for (const [index, check] of (Object.keys(titles) as Check[]).entries()) {
    say("");
    say(style("bold", `${index + 1}. ${titles[check]}`));
    for (const { request, faults } of checked) {
      const isGood = faults[check].length === 0;
      const mark = isGood ? style("green", "✓") : style("red", "✗");
      say(`   ${mark} ${request.name}${formatSummary(check, request)}`);
      say(
        ...formatDetails(check, contract, request, output).map(
          (line) => " ".repeat(indentColumns) + line,
        ),
      );
      say(...faults[check].map((fault) => `     ${style("red", "✗")} ${fault}`));
    }
  }
  say("");
  const count = checked.flatMap(({ faults }) => Object.values(faults).flat()).length;
  say(
    count === 0
      ? style("green", "Everything is as contracted.")
      : style("red", `${count} ${count === 1 ? "thing is" : "things are"} not as contracted.`),
  );
}

function formatSummary(check: Check, { answer, readableAfterMs, lines }: MadeRequest): string {
  switch (check) {
    case "trace":
      return `, ${answer.traceId ?? "no trace id"}, readable ${readableAfterMs} ms after the answer`;
    case "log":
      return `, ${lines.length} lines`;
    case "tree":
    case "attributes":
      return "";
    default:
      return check satisfies never;
  }
}

function formatDetails(
  check: Check,
  contract: Contract,
  request: MadeRequest,
  { style, columns }: Output,
): string[] {
  switch (check) {
    case "trace":
      return [];
    case "tree":
      return [
        ...drawSpanTree([contract], request.spans, { style, columns: columns - indentColumns }),
        ...notJudgedLines(judgeTrace(contract, request.spans)),
      ];
    case "attributes":
      return attributeLines([contract], request.spans, columns - indentColumns);
    case "log":
      return logLines(request);
    default:
      return check satisfies never;
  }
}

function logLines({ lines, spans }: MadeRequest): string[] {
  const findSpanName = (spanId: string | undefined) =>
    spans.find((span) => span.spanId === spanId)?.name ?? "a span that is not there";
  const width = Math.max(...lines.map(({ event }) => event.length), 0);
  return lines.map(
    ({ event, spanId }) =>
      `${event.padEnd(width)}  ${spanId ?? "no span id"}  ${shortText(findSpanName(spanId))}`,
  );
}
