import type { IntrinsicName } from "./syntax.ts";

export type IntrinsicType = "string" | "int" | "duration" | "status" | "kind";

export const intrinsicTypes = {
  "span:id": "string",
  "span:parentID": "string",
  "span:name": "string",
  "span:duration": "duration",
  "span:status": "status",
  "span:statusMessage": "string",
  "span:kind": "kind",
  "span:childCount": "int",
  "trace:id": "string",
  "trace:duration": "duration",
  "trace:rootName": "string",
  "trace:rootService": "string",
  "event:name": "string",
  "event:timeSinceStart": "duration",
  "link:traceID": "string",
  "link:spanID": "string",
  "instrumentation:name": "string",
  "instrumentation:version": "string",
  nestedSetParent: "int",
  nestedSetLeft: "int",
  nestedSetRight: "int",
} as const satisfies Record<IntrinsicName, IntrinsicType>;

/** The older spellings, which Tempo also puts into its answers. */
const olderSpellings: Readonly<Record<string, IntrinsicName>> = {
  name: "span:name",
  duration: "span:duration",
  status: "span:status",
  statusMessage: "span:statusMessage",
  kind: "span:kind",
  traceDuration: "trace:duration",
  rootName: "trace:rootName",
  rootServiceName: "trace:rootService",
};

const olderNameByIntrinsic: Partial<Record<IntrinsicName, string>> = Object.fromEntries(
  Object.entries(olderSpellings).map(([spelling, name]) => [name, spelling]),
);

/** The older spelling where there is one, else the name itself. */
export function olderSpelling(name: IntrinsicName): string {
  return olderNameByIntrinsic[name] ?? name;
}

/** Of all intrinsics, those that are typed most first. */
export const intrinsicSpellings: readonly string[] = [
  ...Object.keys(olderSpellings),
  ...Object.keys(intrinsicTypes),
];

/** @returns undefined for what is no intrinsic. */
export function findIntrinsic(spelling: string): IntrinsicName | undefined {
  return Object.hasOwn(intrinsicTypes, spelling)
    ? (spelling as IntrinsicName)
    : olderSpellings[spelling];
}
