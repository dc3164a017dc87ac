import type { ApiLimits } from "./limits.ts";
import { Parameters, readSearchRange } from "./parameters.ts";
import type { ApiRequest } from "./request.ts";
import { runQuery } from "./run-query.ts";
import { searchText } from "./tempo-json.ts";
import { encodeSearch } from "./tempo-protobuf.ts";

const mostTraces = 262_144;
const mostSpansPerSpanset = 100;

export function answerSearch(request: ApiRequest): Promise<void> {
  return runQuery(request, async (signal) => {
    const { engine, limits } = request.options;
    const { text, isOlder, options } = readSearch(request.search, limits);
    const traces = await engine.search(text, options, signal);
    // The older form is answered as before TraceQL: without the spans that matched.
    const found = isOlder
      ? traces.map((trace) => ({ ...trace, spansets: [], services: [] }))
      : traces;
    const answer = { foundNothing: found.length === 0 };
    return {
      json: () => searchText(found),
      protobuf: () => encodeSearch(found),
      hints: isOlder ? [] : await engine.nameHints(text, answer, signal),
    };
  });
}

function readSearch(search: URLSearchParams, limits: ApiLimits) {
  const parameters = new Parameters(search);
  const query = parameters.query("q");
  const range = readSearchRange(parameters, limits.searchRangeHours);
  if (range.startNs !== null && range.startNs === range.endNs) {
    parameters.fault("invalid start: it must be before end");
  }
  if (query !== null && parameters.text("tags") !== null) {
    parameters.fault("invalid request: give q or tags, not both");
  }
  const text = query ?? readOlderSearch(parameters);
  const options = {
    ...range,
    limit: parameters.count("limit", 20, 1, mostTraces),
    // Zero is as good as nothing, as in Tempo.
    spansPerSpanset: parameters.count("spss", 0, 0, mostSpansPerSpanset) || 3,
  };
  parameters.finish();
  return { text, isOlder: query === null, options };
}

/**
 * The search of before TraceQL as a query: `tags=a=b c="d e"` in the form of logfmt, and bounds of the
 * trace's duration. As Tempo's documentation has it, a tag is found in any span or resource of the
 * trace, whatever has the other tags, and by a part of its text in any case.
 */
function readOlderSearch(parameters: Parameters): string {
  const least = parameters.boundNs("minDuration");
  const most = parameters.boundNs("maxDuration");
  if (least !== null && most !== null && most < least) {
    parameters.fault("invalid maxDuration: it must not be below minDuration");
  }
  const conditions = [
    ...readTags(parameters).map(([key, value]) => buildCondition(key, value, parameters)),
    ...(least === null ? [] : [`traceDuration >= ${least}ns`]),
    ...(most === null ? [] : [`traceDuration <= ${most}ns`]),
  ];
  return conditions.length === 0
    ? "{ }"
    : conditions.map((condition) => `{ ${condition} }`).join(" && ");
}

const pair = /\s*([^\s="]+)(?:=(?:("(?:[^"\\]|\\.)*")|([^\s="]*)(?=\s|$))|(?=\s|$))/y;

/** A key without a value has the empty one, which is a part of any. */
function readTags(parameters: Parameters): [key: string, value: string][] {
  const text = (parameters.text("tags") ?? "").trim();
  const tags = new Map<string, string>();
  pair.lastIndex = 0;
  while (pair.lastIndex < text.length) {
    const [, key, quoted, plain = ""] = pair.exec(text) ?? [];
    const value = quoted === undefined ? plain : unquoted(quoted);
    if (key === undefined || value === undefined) {
      parameters.fault('invalid tags: write them as key=value other="two words"');
      return [];
    }
    if (tags.has(key)) {
      parameters.fault(`invalid tags: ${JSON.stringify(key)} is there twice`);
      return [];
    }
    tags.set(key, value);
  }
  return [...tags];
}

/** Logfmt has JSON's escapes. */
function unquoted(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}

const names: Readonly<Record<string, string>> = {
  name: "name",
  "root.name": "rootName",
  "root.service.name": "rootServiceName",
};
const statuses = ["unset", "ok", "error"];

function buildCondition(key: string, value: string, parameters: Parameters): string {
  if (Object.hasOwn(names, key)) {
    return `${names[key]} =~ ${containing(value)}`;
  }
  if (key === "status.code") {
    const status = statuses[Number(value)] ?? value.toLowerCase();
    if (!statuses.includes(status)) {
      parameters.fault(`invalid tags: status.code is one of ${statuses.join(", ")}`);
    }
    return `status = ${status}`;
  }
  return ["span", "resource"]
    .flatMap((scope) =>
      buildComparisons(value).map((one) => `${scope}.${JSON.stringify(key)} ${one}`),
    )
    .join(" || ");
}

/** Texts are compared by a part; numbers and truth have no parts. */
function buildComparisons(value: string): string[] {
  const isOther = /^(-?\d{1,18}(\.\d{1,18})?|true|false)$/.test(value);
  return value === ""
    ? ["!= nil"]
    : [`=~ ${containing(value)}`, ...(isOther ? [`= ${value}`] : [])];
}

function containing(value: string): string {
  const literally = value.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return JSON.stringify(`(?is).*${literally}.*`);
}
