import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildFailure, Message } from "esbuild";
import type { GeneratedFile } from "#contract";
import type { CommandCall, PreviewProblem } from "../../stack/index.ts";

/** The problems in esbuild's failure: what it cannot read or find. */
export function syntaxProblems({ errors }: BuildFailure): PreviewProblem[] {
  return errors.map(({ text, location }: Message) => ({
    kind: "syntax",
    message: text,
    file: location?.file,
    line: location?.line,
    // esbuild counts bytes, from 0.
    column: location === null ? undefined : toColumn(location.lineText, location.column),
    source: location?.lineText,
  }));
}

function toColumn(lineText: string, bytes: number): number {
  return Buffer.from(lineText).subarray(0, bytes).toString().length + 1;
}

/** The problems of an exception out of the project's code; of several faults at once, each by itself. */
export function generationProblems(checkout: string, error: unknown): PreviewProblem[] {
  const { name, message, stack = "", issues } = error as Error & { issues?: unknown };
  const isDefinition = name === "DefinitionError" && Array.isArray(issues);
  const messages = isDefinition ? issues.map(String) : [`${name ?? "Thrown"}: ${message ?? error}`];
  const place = placeIn(checkout, stack, isDefinition);
  return messages.map((text) => ({ kind: "generation", message: text, ...place }));
}

type Place = Pick<PreviewProblem, "file" | "line" | "column" | "source">;

/** Of a problem that is in no line of a file. */
export const noPlace: Place = {
  file: undefined,
  line: undefined,
  column: undefined,
  source: undefined,
};

/**
 * The first place of a stack in the project's own files. Where a definition contradicts itself, that is
 * where it is written, not where it is found out.
 */
function placeIn(checkout: string, stack: string, isDefinition: boolean): Place {
  for (const frame of stack.split("\n")) {
    const [, where = "", line = "", column = ""] =
      /\(?((?:file:\/\/)?[^\s()]+):(\d+):(\d+)\)?$/.exec(frame) ?? [];
    const file = where === "" ? "" : fromRoot(checkout, where);
    const isOurs = /^(contract|dashboards|examples|provisioning)\/|\.config\.ts$/.test(file);
    if (isOurs && !(isDefinition && file.startsWith("contract/define/"))) {
      const place = { file, line: Number(line), column: Number(column) };
      return { ...place, source: sourceLine(join(checkout, file), place.line) };
    }
  }
  return noPlace;
}

function fromRoot(checkout: string, where: string): string {
  const path = where.startsWith("file://") ? fileURLToPath(where) : where;
  return relative(checkout, path).replaceAll("\\", "/");
}

/** A line of a file; undefined when the file has changed or gone meanwhile. */
export function sourceLine(file: string, line: number): string | undefined {
  try {
    return readFileSync(file, "utf8").split("\n")[line - 1];
  } catch {
    return undefined;
  }
}

/** What came of generating: the files, or why there are none. */
export type Generation =
  | { readonly files: readonly GeneratedFile[] }
  | { readonly problems: readonly PreviewProblem[] };

/** Problems for a terminal: each with its place first, so that editors make a link of it. */
export function problemLines(
  problems: readonly PreviewProblem[],
  style: CommandCall<Record<string, never>>["style"],
): string[] {
  return problems.flatMap(({ file, line, column, message, source }) => {
    const place = [file, line, column].filter((part) => part !== undefined).join(":");
    const [first = "", ...more] = message.split("\n");
    return [
      `${style("red", place === "" ? "error" : place)} ${first}`,
      ...more,
      ...(source === undefined ? [] : [style("dim", `    ${source.trim()}`)]),
    ];
  });
}
