import { Parameters } from "./parameters.ts";
import type { ApiRequest } from "./request.ts";
import { runQuery } from "./run-query.ts";
import { writeInstant, writeSearch, writeSeries, writeTagValues } from "./tempo-json.ts";

const hourNs = 3_600_000_000_000n;
const largestInt = 2 ** 31 - 1;
/** What a graph shows; more would only be drawn over each other. */
const stepsWanted = 240n;
const mostSteps = 11_000n;

export function answerSearch(request: ApiRequest): Promise<void> {
  return runQuery(request, async (signal) => {
    const parameters = new Parameters(request.search);
    const text = parameters.text("q") ?? olderForm(parameters);
    const options = {
      startNs: parameters.timeNs("start"),
      endNs: parameters.timeNs("end"),
      limit: parameters.count("limit", 20, 1, largestInt),
      spansPerSpanset: parameters.count("spss", 3, 1, largestInt),
    };
    checkRange(parameters, options.startNs, options.endNs);
    parameters.finish();
    return writeSearch(await request.options.engine.search(text, options, signal));
  });
}

/** The search of before TraceQL: `tags=a=b c="d e"` of any scope, and bounds of the trace's duration. */
function olderForm(parameters: Parameters): string {
  const tags = parameters.text("tags") ?? "";
  const conditions = [...tags.matchAll(/([^\s=]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))/g)].map(
    ([, key = "", quoted, plain]) => {
      const value = JSON.stringify(quoted ?? plain ?? "");
      return key === "name" ? `name = ${value}` : `."${key}" = ${value}`;
    },
  );
  const least = parameters.durationNs("minDuration");
  const most = parameters.durationNs("maxDuration");
  return `{ ${[
    ...conditions,
    ...(least === null ? [] : [`traceDuration >= ${least}ns`]),
    ...(most === null ? [] : [`traceDuration <= ${most}ns`]),
  ].join(" && ")} }`;
}

export function answerMetricsRange(request: ApiRequest): Promise<void> {
  return runQuery(request, async (signal) => {
    const { text, startNs, endNs, parameters } = readMetrics(request);
    const stepNs = parameters.durationNs("step") ?? defaultStepNs(endNs - startNs);
    if ((endNs - startNs) / stepNs > mostSteps) {
      parameters.fault(`invalid step: it divides the range into more than ${mostSteps} steps`);
    }
    parameters.finish();
    // Whole steps, so that the same question a moment later has the same borders. The first sample
    // stands at the start and so is of the step before it, as in Tempo.
    const aligned = {
      startNs: startNs - (startNs % stepNs) - stepNs,
      endNs: ((endNs + stepNs - 1n) / stepNs) * stepNs,
      stepNs,
    };
    return writeSeries(await request.options.engine.metrics(text, aligned, signal));
  });
}

export function answerMetricsInstant(request: ApiRequest): Promise<void> {
  return runQuery(request, async (signal) => {
    const { text, startNs, endNs, parameters } = readMetrics(request);
    parameters.finish();
    const options = { startNs, endNs, stepNs: endNs - startNs };
    return writeInstant(await request.options.engine.metrics(text, options, signal));
  });
}

function readMetrics({ search }: ApiRequest) {
  const parameters = new Parameters(search);
  const text = parameters.text("q") ?? parameters.text("query");
  if (text === null) {
    parameters.fault("invalid q: a metrics query is needed, such as { } | rate()");
  }
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  const endNs = parameters.timeNs("end") ?? nowNs;
  const startNs = parameters.timeNs("start") ?? endNs - (parameters.durationNs("since") ?? hourNs);
  checkRange(parameters, startNs, endNs);
  return { text: text ?? "", startNs, endNs, parameters };
}

function checkRange(parameters: Parameters, startNs: bigint | null, endNs: bigint | null): void {
  if (startNs !== null && endNs !== null && startNs >= endNs) {
    parameters.fault("invalid start: it must be before end");
  }
}

function defaultStepNs(rangeNs: bigint): bigint {
  const secondNs = 1_000_000_000n;
  const wholeSeconds = rangeNs / stepsWanted / secondNs;
  return (wholeSeconds < 1n ? 1n : wholeSeconds) * secondNs;
}

export function answerTagNames(request: ApiRequest): Promise<void> {
  return runQuery(request, async (signal) => {
    const scopes = await readTagNames(request, signal);
    return { scopes, metrics: {} };
  });
}

/** The form without scopes: attributes of spans and resources, each name once. */
export function answerTagNamesV1(request: ApiRequest): Promise<void> {
  return runQuery(request, async (signal) => {
    const scopes = await readTagNames(request, signal);
    const tagNames = [...new Set(scopes.flatMap(({ tags }) => tags))].sort();
    return { tagNames, metrics: {} };
  });
}

const scopes = ["span", "resource", "event", "link", "instrumentation", "intrinsic"];

async function readTagNames({ search, options }: ApiRequest, signal: AbortSignal) {
  const parameters = new Parameters(search);
  const scope = parameters.text("scope");
  if (scope !== null && scope !== "none" && !scopes.includes(scope)) {
    parameters.fault(`invalid scope: must be one of ${scopes.join(", ")}`);
  }
  const limit = parameters.count("limit", 0, 0, largestInt);
  parameters.finish();
  return options.engine.tagNames({ scope: scope === "none" ? null : scope, limit }, signal);
}

export function answerTagValues(request: ApiRequest): Promise<void> {
  return runQuery(request, async (signal) =>
    writeTagValues(await readTagValues(request, request.parameter, signal)),
  );
}

export function answerTagValuesV1(request: ApiRequest): Promise<void> {
  return runQuery(request, async (signal) => {
    const tag = /^(name|status|kind|root\w+|duration)$/.test(request.parameter)
      ? request.parameter
      : `."${request.parameter}"`;
    const values = await readTagValues(request, tag, signal);
    return { tagValues: values.map(({ value }) => value), metrics: {} };
  });
}

async function readTagValues({ search, options }: ApiRequest, tag: string, signal: AbortSignal) {
  const parameters = new Parameters(search);
  const asked = {
    tag,
    query: parameters.text("q"),
    startNs: parameters.timeNs("start"),
    endNs: parameters.timeNs("end"),
    limit: parameters.count("limit", 0, 0, largestInt),
  };
  checkRange(parameters, asked.startNs, asked.endNs);
  parameters.finish();
  return options.engine.tagValues(asked, signal);
}
