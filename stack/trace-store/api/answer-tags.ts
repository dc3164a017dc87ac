import { QueryError, type TagValue } from "../traceql/index.ts";
import { Parameters, readSearchRange } from "./parameters.ts";
import type { ApiRequest } from "./request.ts";
import { runQuery } from "./run-query.ts";
import { writeTagValues } from "./tempo-json.ts";
import {
  encodeTagNames,
  encodeTagNamesV1,
  encodeTagValues,
  encodeTagValuesV1,
} from "./tempo-protobuf.ts";

const largestInt = 2 ** 31 - 1;
/** A trace has no attributes, but Tempo knows the word. */
const scopeNames = ["span", "resource", "event", "link", "instrumentation", "intrinsic", "trace"];
/** A list of values is for people to choose from; without end it would only fill memory. */
const mostValues = 10_000;

export function answerTagNames(request: ApiRequest): Promise<void> {
  return runQuery(request, async (signal) => {
    const { scopes } = await readTagNames(request, signal);
    return {
      json: () => [JSON.stringify({ scopes, metrics: {} })],
      protobuf: () => [encodeTagNames(scopes)],
    };
  });
}

/** The form without scopes: names of attributes, each once. Intrinsics have to be asked for. */
export function answerTagNamesV1(request: ApiRequest): Promise<void> {
  return runQuery(request, async (signal) => {
    const { scopes, scope, limit } = await readTagNames(request, signal);
    const asked = scopes.filter(({ name }) => scope !== null || name !== "intrinsic");
    const sorted = [...new Set(asked.flatMap(({ tags }) => tags))].sort();
    const tagNames = limit > 0 ? sorted.slice(0, limit) : sorted;
    return {
      json: () => [JSON.stringify({ tagNames, metrics: {} })],
      protobuf: () => [encodeTagNamesV1(tagNames)],
    };
  });
}

async function readTagNames({ search, options }: ApiRequest, signal: AbortSignal) {
  const parameters = new Parameters(search);
  const given = parameters.text("scope");
  const scope = given === "none" ? null : given;
  if (scope !== null && !scopeNames.includes(scope)) {
    parameters.fault(`invalid scope: must be one of ${scopeNames.join(", ")}`);
  }
  const asked = {
    scope,
    limit: parameters.countUpTo("limit", largestInt),
    query: parameters.query("q"),
    ...readSearchRange(parameters, options.limits.searchRangeHours),
  };
  parameters.finish();
  const scopes = await narrowed(asked.query, (query) =>
    options.engine.tagNames({ ...asked, query }, signal),
  );
  return { ...asked, scopes };
}

/**
 * What is complete of a query and yet cannot be asked is not finished either, as a pattern that only
 * the database finds to be wrong: then it is asked of all spans.
 */
async function narrowed<Answer>(
  query: string | null,
  ask: (query: string | null) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask(query);
  } catch (error) {
    if (query === null || !(error instanceof QueryError)) {
      throw error;
    }
    return await ask(null);
  }
}

export function answerTagValues(request: ApiRequest): Promise<void> {
  return runQuery(request, async (signal) => {
    const values = await readTagValues(request, request.parameter, signal);
    return {
      json: () => [JSON.stringify(writeTagValues(values))],
      protobuf: () => [encodeTagValues(values)],
    };
  });
}

/** Here names have no scope: these are the intrinsics, all others are attributes. */
const intrinsicsV1: Readonly<Record<string, string>> = {
  name: "name",
  status: "status",
  "status.code": "status",
  kind: "kind",
  rootName: "rootName",
  "root.name": "rootName",
  rootServiceName: "rootServiceName",
  "root.service.name": "rootServiceName",
};

export function answerTagValuesV1(request: ApiRequest): Promise<void> {
  return runQuery(request, async (signal) => {
    const { parameter } = request;
    const tag = Object.hasOwn(intrinsicsV1, parameter)
      ? (intrinsicsV1[parameter] ?? "")
      : `.${JSON.stringify(parameter)}`;
    const found = await readTagValues(request, tag, signal);
    const tagValues = found.map(({ value }) => value);
    return {
      json: () => [JSON.stringify({ tagValues, metrics: {} })],
      protobuf: () => [encodeTagValuesV1(tagValues)],
    };
  });
}

async function readTagValues(
  { search, options }: ApiRequest,
  tag: string,
  signal: AbortSignal,
): Promise<TagValue[]> {
  const parameters = new Parameters(search);
  const limit = parameters.countUpTo("limit", mostValues);
  const asked = {
    tag,
    query: parameters.query("q"),
    ...readSearchRange(parameters, options.limits.searchRangeHours),
    limit: limit || mostValues,
  };
  parameters.finish();
  return narrowed(asked.query, (query) => options.engine.tagValues({ ...asked, query }, signal));
}
