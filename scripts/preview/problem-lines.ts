import type { CommandCall, PreviewProblem } from "../../stack/index.ts";

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
