import { relative } from "node:path";
import { type Contract, counted } from "#contract";
import type { Style } from "../command/terminal.ts";
import { checkout, type StackConfig } from "../config.ts";
import type { StackHealth } from "../state/health.ts";
import type { IngestCounts } from "../state/ingest-counts.ts";
import type { StackState } from "../state/stack-state.ts";
import { sampleCurl } from "../trace/sample-request.ts";
import { drawSpanTree } from "../trace/span-tree.ts";
import { formatViolation } from "../trace/tempo-client.ts";
import { outcomeList } from "../trace-store/receiver/outcomes.ts";
import type { FirstTrace } from "./first-trace.ts";

interface ReportOptions {
  readonly style: Style;
  readonly columns: number;
}

type Row = readonly [name: string, where: string];

/** What runs where. */
export function addressLines(
  config: Pick<StackConfig, "directory">,
  { state, children }: Pick<StackHealth, "state" | "children">,
  style: Style,
): string[] {
  if (state === null) {
    return [];
  }
  const model = children.find((child) => child.model !== null)?.model;
  const rows: Row[] = [
    ...(state.serverUrl === null ? [] : [["server", state.serverUrl] as const]),
    ...(model ? [["model", model] as const] : []),
    ...(state.viewerUrl === null ? [] : [["dashboards", state.viewerUrl] as const]),
  ];
  return [...rows.map((row) => rowLine(row, style)), ...storeLines(config, state, style)];
}

/** The same without what is of the server. */
export function storeLines(
  config: Pick<StackConfig, "directory">,
  state: StackState,
  style: Style,
): string[] {
  const rows: Row[] = [
    ["Tempo API", state.tempoUrl],
    ["OTLP gRPC", state.otlpGrpcUrl],
    ["OTLP HTTP", state.otlpHttpUrl],
    ["log", state.logFile === null ? "no file" : fromHere(state.logFile)],
    ["data", fromHere(config.directory)],
  ];
  return rows.map((row) => rowLine(row, style));
}

function rowLine([name, where]: Row, style: Style): string {
  return `  ${name.padEnd(10)} ${style("bold", where)}`;
}

/** The first trace, drawn, with what is wrong with it. */
export function firstTraceLines(
  contract: Contract,
  { traceId, spans, violations }: FirstTrace,
  { style, columns }: ReportOptions,
): string[] {
  const verdict =
    violations.length === 0
      ? style("green", "as contracted")
      : style("red", `breaks the contract ${violations.length} times`);
  return [
    `Its first trace, ${style("bold", traceId)}, ${violations.length === 0 ? `is ${verdict}` : verdict}:`,
    ...drawSpanTree([contract], spans, { columns: columns - 2, style }).map((line) => `  ${line}`),
    ...violations.map((violation) => `  ${style("red", "✗")} ${formatViolation(violation)}`),
  ];
}

/** What to try next. */
export function nextLines(
  config: Pick<StackConfig, "apiKey">,
  state: StackState,
  firstTraceId: string | undefined,
): string[] {
  const withServer =
    state.serverUrl === null
      ? []
      : [
          `  ${sampleCurl(state.serverUrl, config.apiKey !== undefined)}`,
          "  npm run verify        proves that traces and logs are as contracted",
        ];
  const show = `  npm run trace:show -- ${firstTraceId}`;
  return [
    "Try next:",
    ...withServer,
    ...(firstTraceId === undefined
      ? []
      : [show, "                        shows that trace again; without an id, the newest"]),
    "  npm run stack:logs    what the server says",
    "  npm run stack:down    stops it; the data stay",
  ];
}

/** The notices and problems of a look at the stack. */
export function healthLines({ problems, notices }: StackHealth, style: Style): string[] {
  return [
    ...notices.map((notice) => `${style("yellow", "!")} ${notice}`),
    ...problems.map((problem) => `${style("red", "✗")} ${problem}`),
  ];
}

function fromHere(path: string): string {
  const inside = relative(checkout, path);
  return inside.startsWith("..") ? path : inside;
}

/** What came in, and what of it was not stored, a line for each way in which that can be. */
export function ingestLines(counts: IngestCounts, style: Style): string[] {
  const { exports, refusals, spans, outcomes, removed } = counts;
  const refusedSpans = outcomeList(outcomes, { isRefusal: true });
  const changed = outcomeList(outcomes, { isRefusal: false });
  const lost = [
    ...(exports.refused > 0 ? [`refused: exports (${exports.refused}): ${listed(refusals)}`] : []),
    ...(refusedSpans === "" ? [] : [`refused: ${refusedSpans}`]),
    ...(changed === "" ? [] : [`changed: ${changed}`]),
    ...(Object.keys(removed).length > 0 ? [`removed by the allow-list: ${listed(removed)}`] : []),
  ];
  const taken = style(
    "bold",
    `${counted(spans.taken, "span")} in ${counted(exports.taken, "export")}`,
  );
  return [
    `  ${"came in".padEnd(10)} ${taken} since the store started`,
    ...lost.map((line) => `  ${"".padEnd(10)} ${style("yellow", line)}`),
  ];
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([kind, number]) => `${kind.replaceAll("_", " ")} (${number})`)
    .join(", ");
}
