import type { Parameters } from "./parameters.ts";

/**
 * The search of before TraceQL as a query: `tags=a=b c="d e"` in the form of logfmt, of attributes
 * in any scope, and bounds of the trace's duration. Names match when they contain the text, as in
 * Tempo; attributes match whole.
 */
export function readOlderSearch(parameters: Parameters): string {
  const least = parameters.boundNs("minDuration");
  const most = parameters.boundNs("maxDuration");
  if (least !== null && most !== null && most <= least) {
    parameters.fault("invalid maxDuration: it must be above minDuration");
  }
  const conditions = [
    ...readTags(parameters).map(([key, value]) => conditionOf(key, value, parameters)),
    ...(least === null ? [] : [`traceDuration >= ${least}ns`]),
    ...(most === null ? [] : [`traceDuration <= ${most}ns`]),
  ];
  return `{ ${conditions.join(" && ")} }`;
}

const pair = /\s*([^\s="]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s="]*)))?(?=\s|$)/y;

/** A key without a value has the empty one. */
function readTags(parameters: Parameters): [key: string, value: string][] {
  const text = (parameters.text("tags") ?? "").trim();
  const tags: [string, string][] = [];
  pair.lastIndex = 0;
  while (pair.lastIndex < text.length) {
    const [, key, quoted, plain = ""] = pair.exec(text) ?? [];
    if (key === undefined) {
      parameters.fault('invalid tags: write them as key=value other="two words"');
      return [];
    }
    tags.push([key, quoted?.replace(/\\(.)/g, "$1") ?? plain]);
  }
  return tags;
}

const names: Readonly<Record<string, string>> = {
  name: "name",
  "root.name": "rootName",
  "root.service.name": "rootServiceName",
};
const statuses = ["unset", "ok", "error"];

function conditionOf(key: string, value: string, parameters: Parameters): string {
  const name = names[key];
  if (name !== undefined) {
    const literally = value.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    return `${name} =~ ${JSON.stringify(`(?s:.*)${literally}(?s:.*)`)}`;
  }
  if (key === "status.code") {
    const status = statuses[Number(value)] ?? value.toLowerCase();
    if (!statuses.includes(status)) {
      parameters.fault(`invalid tags: status.code is one of ${statuses.join(", ")}`);
    }
    return `status = ${status}`;
  }
  return `.${JSON.stringify(key)} = ${JSON.stringify(value)}`;
}
