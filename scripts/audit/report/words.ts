import type { Fault } from "../judge/judge-need.ts";

/** What does not exist, in a few words. */
export function faultWords({ kind, name, of }: Fault): string {
  switch (kind) {
    case "label":
      return of === undefined ? `label ${name}` : `label ${name} of ${of}`;
    case "label value":
    case "attribute value":
      return `value ${JSON.stringify(name)} of ${of}`;
    case "metric":
    case "attribute":
    case "span name":
      return `${kind} ${name}`;
    default:
      return kind satisfies never;
  }
}

/** A name that is missing, with the one that was probably meant: each once, and a histogram as one. */
export interface MissingName {
  readonly name: string;
  readonly nearest?: string;
  /** Whether a contract says that the nearest stands for it now. */
  readonly isRenamed?: boolean;
}

/** In the order in which they came. */
export function missingNames(faults: readonly Fault[]): MissingName[] {
  const families = Map.groupBy(faults.map(splitFault), ({ key }) => key);
  return [...families.values()].map((parts) => {
    const [{ words, nearest, isRenamed } = { words: "" }] = parts;
    const suffixes = [...new Set(parts.map(({ suffix }) => suffix))];
    const isWhole = parts.every((part) => part.nearestSuffix === part.suffix);
    const ending = writeSuffixes(suffixes);
    return {
      name: words + ending,
      ...(nearest === undefined ? {} : { nearest: isWhole ? nearest + ending : nearest }),
      ...(isRenamed === true ? { isRenamed } : {}),
    };
  });
}

const series = /^(.+?)(_bucket|_sum|_count)$/;

/** A series of a histogram is shown with the others of its family. */
function splitFault(fault: Fault) {
  const words = faultWords(fault);
  const { nearest } = fault;
  const [, family, suffix = ""] = fault.kind === "metric" ? (series.exec(words) ?? []) : [];
  const [, nearFamily, nearestSuffix = ""] = series.exec(nearest ?? "") ?? [];
  const isSplit = family !== undefined && (nearest === undefined || nearestSuffix === suffix);
  const near = isSplit ? (nearFamily ?? nearest) : nearest;
  return {
    key: isSplit ? `${family} ${near}` : words,
    words: isSplit ? family : words,
    suffix: isSplit ? suffix : "",
    nearestSuffix: isSplit && nearest !== undefined ? suffix : "",
    nearest: near,
    isRenamed: fault.renamedTo !== undefined,
  };
}

function writeSuffixes(suffixes: readonly string[]): string {
  return suffixes.length < 2
    ? suffixes.join("")
    : `_{${suffixes.map((suffix) => suffix.slice(1)).join(",")}}`;
}
