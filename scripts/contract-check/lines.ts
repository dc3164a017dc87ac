import { type NewName, rules, shortText, type TraceExample, type ViolationGroup } from "#contract";
import type { ReadStore } from "../../stack/index.ts";
import type { Screen } from "../query/arguments.ts";
import type { ServiceCheck } from "./check-service.ts";
import type { GoneName } from "./gone-names.ts";

/** One thing that was found, in the form in which it is printed. */
export interface FindingLines {
  /** What tells it from others, from look to look. */
  readonly key: string;
  readonly kind: "violation" | "new" | "gone";
  /** What it is, in a line. */
  readonly title: string;
  readonly details: readonly string[];
}

/** All that was found about a service, what breaks the contract first. */
export function listFindings(check: ServiceCheck, store: ReadStore, nowMs: number): FindingLines[] {
  return [
    ...check.violations.map((group) => violationLines(group, check, store, nowMs)),
    ...check.newNames.map((name) => newNameLines(name, check, store, nowMs)),
    ...check.goneNames.map((name) => goneNameLines(name, nowMs)),
  ].map((finding) => ({ ...finding, key: `${check.service} ${finding.key}` }));
}

function violationLines(
  group: ViolationGroup,
  { traces: all }: ServiceCheck,
  store: ReadStore,
  nowMs: number,
): FindingLines {
  const { rule, spanName, subject, seen, expected } = group;
  const about = subject === null ? "" : `: ${shortText(subject)}`;
  const sentence = Object.hasOwn(rules, rule) ? ` ${rules[rule as keyof typeof rules]}` : "";
  return {
    key: JSON.stringify([rule, spanName, subject]),
    kind: "violation",
    title: `${rule} of ${shortText(spanName)}${about}, ${howOften(group, all)}`,
    details: [
      `Seen: ${shortText(seen)}. Expected: ${shortText(expected)}.${sentence}`,
      exampleLine(group.newest, store, nowMs),
    ],
  };
}

function newNameLines(
  found: NewName,
  { traces: all }: ServiceCheck,
  store: ReadStore,
  nowMs: number,
): FindingLines {
  const { kind, name, spanName, newest } = found;
  const what = kind === "span" ? `span ${shortText(name)}` : attributeOf(name, [spanName]);
  return {
    key: JSON.stringify([kind, name, spanName]),
    kind: "new",
    title: `${what} is in no contract, ${howOften(found, all)}`,
    details: [...oldOrNew(found), exampleLine(newest, store, nowMs)],
  };
}

function oldOrNew({ renamedTo, insteadOf }: NewName): string[] {
  if (renamedTo !== null) {
    return [`It is ${renamedTo} now: whoever sends it is older than the contract.`];
  }
  return insteadOf === null ? [] : [`Perhaps it was ${insteadOf}, which is missing there.`];
}

function goneNameLines(gone: GoneName, nowMs: number): FindingLines {
  const { kind, name, spanNames, lastSeenMs } = gone;
  const what = kind === "span" ? `span ${name}` : attributeOf(name, spanNames);
  return {
    key: JSON.stringify(["gone", kind, name]),
    kind: "gone",
    title: `${what} is sent by nobody any more, last ${ago(lastSeenMs, nowMs)}`,
    details: [`Asked for by ${usesInWords(gone)}.`],
  };
}

function attributeOf(name: string, spanNames: readonly string[]): string {
  return `attribute ${shortText(name)} of ${spanNames.map((one) => shortText(one)).join(", ")}`;
}

function usesInWords({ panels, queries, alerts }: GoneName): string {
  return [
    counted(panels, "panel"),
    counted(queries, "saved query", "saved queries"),
    counted(alerts, "alert"),
  ]
    .filter((part) => !part.startsWith("0 "))
    .join(", ");
}

function howOften(
  { count, traces }: { readonly count: number; readonly traces: number },
  all: number,
): string {
  const spans = count === traces ? "" : `, ${counted(count, "span")}`;
  return `in ${counted(traces, "trace")} (${share(traces, all)})${spans}`;
}

/** None is 0 %, and all are 100 %; what is in between is neither. */
function share(part: number, all: number): string {
  const percent = Math.round((100 * part) / Math.max(1, all));
  return `${part === 0 || part === all ? percent : Math.min(99, Math.max(1, percent))} %`;
}

function exampleLine(
  { traceId, startedAtMs }: TraceExample,
  { traceLink }: ReadStore,
  nowMs: number,
): string {
  return `Newest, ${ago(startedAtMs, nowMs)}: ${traceLink(traceId) ?? traceId}`;
}

function counted(count: number, word: string, plural = `${word}s`): string {
  return `${count} ${count === 1 ? word : plural}`;
}

const units = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
] as const;

function ago(thenMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - thenMs) / 1000));
  const [unit, length] = units.find(([, size]) => seconds >= size) ?? ["s", 1];
  return `${Math.floor(seconds / length)} ${unit} ago`;
}

/** A sign for what breaks the contract, and another for what does not. */
export function findingLines({ kind, title, details }: FindingLines, { style }: Screen): string[] {
  const sign = kind === "gone" ? style("yellow", "!") : style("red", "✗");
  return [`${sign} ${title}`, ...details.map((detail) => `    ${detail}`)];
}

/** What was judged, and what came of it. */
export function summaryLine(check: ServiceCheck, since: string): string {
  const { service, traces, brokenTraces, requests, result, unfinishedTraces } = check;
  const left =
    unfinishedTraces === 0
      ? ""
      : ` ${counted(unfinishedTraces, "trace")} may not be complete yet: not judged.`;
  if (result === "no_traces") {
    return `${service}: no trace to judge in the last ${since}.${left}`;
  }
  const broken =
    result === "kept"
      ? "All are as contracted."
      : `${brokenTraces} (${share(brokenTraces, traces)}) break the contract.`;
  return `${service}: ${counted(traces, "trace")} of the last ${since}, ${counted(requests, "request")}. ${broken}${left}`;
}

/** Why there may be no trace. */
export function noTracesLines({ result, unfinishedTraces, otherServices }: ServiceCheck): string[] {
  if (result !== "no_traces" || unfinishedTraces > 0) {
    return [];
  }
  return [
    otherServices.length === 0
      ? "    No service sent any. Does it export to this store?"
      : `    Others sent some: ${otherServices.map((name) => shortText(name)).join(", ")}.`,
  ];
}
