import { stringify } from "yaml";
import {
  type CommandCall,
  type CommandResult,
  computeSize,
  type Load,
  replicaValues,
  runCommand,
  type SizeLine,
  StackError,
} from "../stack/index.ts";
import { type Column, drawTable } from "./query/table.ts";

const options = {
  rps: { type: "string", value: "N", does: "Requests per second at peak. Required." },
  retrieval: { type: "string", value: "PERCENT", does: "Share of requests with retrieval (0)." },
  tokens: { type: "string", value: "N", does: "Tokens per answer (128)." },
  "token-ms": { type: "string", value: "MS", does: "Time per token (50)." },
  share: {
    type: "string",
    value: "PERCENT",
    does: "Share of ordinary traces to keep (10; 100 keeps all).",
  },
  anomalies: { type: "string", value: "PERCENT", does: "Share of errors and anomalies (2)." },
  days: { type: "string", value: "N", does: "How long traces are kept (14)." },
  values: { type: "boolean", does: "Print values for the Helm chart instead." },
} as const;

await runCommand({
  name: "npm run stack:size",
  summary:
    "Estimates the resources that a distributed Tempo and its gateways need for a request rate.",
  options,
  examples: [["npm run stack:size -- --rps 20", "for 20 requests per second"]],
  exitCodes: ["The estimate was printed.", "Never.", "A number is missing or invalid."],
  run: size,
});

async function size({
  options: given,
  say,
  columns: width,
}: CommandCall<typeof options>): Promise<CommandResult> {
  const load: Load = {
    requestsPerSecond: parseNumber("rps", given.rps),
    retrievalPercent: parseNumber("retrieval", given.retrieval ?? "0", 100),
    tokens: parseNumber("tokens", given.tokens ?? "128"),
    millisecondsPerToken: parseNumber("token-ms", given["token-ms"] ?? "50"),
    sharePercent: parseNumber("share", given.share ?? "10", 100),
    anomalyPercent: parseNumber("anomalies", given.anomalies ?? "2", 100),
    retentionDays: parseNumber("days", given.days ?? "14"),
  };
  const { lines, replicas } = computeSize(load);
  const { gateways: _, ...ofTempo } = replicas;
  if (given.values === true) {
    say(...stringify(replicaValues(ofTempo)).trimEnd().split("\n"));
  } else {
    const columns = createColumns(lines);
    // Where it does not fit, one under the other.
    say(...(drawTable(columns, width) ?? lines.flatMap(formatLines)));
  }
  return { exitCode: 0, report: { load, lines, replicas } };
}

function createColumns(lines: readonly SizeLine[]): Column[] {
  const column = (
    heading: string,
    align: "left" | "right",
    printLine: (line: SizeLine) => string,
  ): Column => ({ heading, cells: lines.map(printLine), align });
  return [
    column("what", "left", ({ name }) => name),
    column("how much", "right", formatAmount),
    column("", "left", ({ unit }) => unit),
    column("formula", "left", ({ formula }) => formula),
    column("source", "left", ({ source }) => source),
  ];
}

function formatLines(line: SizeLine): string[] {
  return [
    `${line.name}: ${formatAmount(line)} ${line.unit}`.trimEnd(),
    `  ${line.formula} (${line.source})`,
  ];
}

function formatAmount({ value }: SizeLine): string {
  return value.toLocaleString("en");
}

function parseNumber(option: string, given: string | undefined, most = Number.MAX_SAFE_INTEGER) {
  const number = Number(given ?? Number.NaN);
  if (given === "" || !(number >= 0 && number <= most)) {
    throw new StackError("usage_invalid", {
      message: `--${option} is no number${most === 100 ? " from 0 to 100" : " of 0 or more"}.`,
      hint: "Such as: npm run stack:size -- --rps 500",
    });
  }
  return number;
}
