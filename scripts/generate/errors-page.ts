import type { GeneratedFile } from "#contract";
import { type ErrorEntry, type ErrorTable, fill } from "#errors";
import { ProvisioningError } from "../../provisioning/index.ts";
import { errorTable, startFaults } from "../../server/index.ts";
import {
  EmbeddedStackError,
  ReadError,
  ReceiverError,
  StackError,
  StoreError,
} from "../../stack/index.ts";
import { ToolError } from "../check/developer-tool.ts";
import { Finding } from "../doctor/finding.ts";
import { setupErrors } from "../setup/errors.mjs";

interface Layer {
  readonly title: string;
  readonly table: ErrorTable;
  /** Where its errors are told, if that is not plain. */
  readonly introduction?: string;
}

/** Every layer with a table of errors. */
const layers: readonly Layer[] = [
  { title: "Answers of the server", table: errorTable },
  {
    title: "When the server cannot start",
    table: startFaults,
    introduction:
      "Its last log line has level `fatal`, with the code, what happened and what to do.",
  },
  { title: "Commands of the stack and of scripts", table: StackError.table },
  { title: "The trace store", table: { ...StoreError.table, ...EmbeddedStackError.table } },
  { title: "Answers of the trace store to who asks", table: ReadError.table },
  { title: "Answers of the trace store to who sends spans", table: ReceiverError.table },
  {
    title: "Findings of npm run doctor",
    table: Finding.table,
    introduction:
      "Exit code 1 is a problem, 0 a warning. What other commands meet too has its code there.",
  },
  { title: "Installing the dependencies", table: setupErrors },
  { title: "Checks, the lockfile and GPU builds", table: ToolError.table },
  { title: "Provisioning a Grafana", table: ProvisioningError.table },
];

/** The page of all errors. */
export const errorsPage = (): GeneratedFile => ({
  path: "docs/generated/errors.md",
  content: [
    "<!-- By npm run generate, from the tables of defineErrors. Do not edit. -->",
    "# Errors",
    "",
    "Codes are stable. `<name>` stands for a value of the moment.",
    ...layers.flatMap(({ title, table, introduction }) => [
      "",
      `## ${title}`,
      "",
      ...(introduction === undefined ? [] : [introduction, ""]),
      ...rows(table),
    ]),
    "",
  ].join("\n"),
});

function rows(table: ErrorTable): string[] {
  const isAnswered = Object.values(table).every(({ status }) => status !== undefined);
  return [
    `| code | ${isAnswered ? "status" : "exit"} | what happened | what to do |`,
    "|---|---|---|---|",
    ...Object.entries(table).map(([code, entry]) => {
      const cells = [
        `\`${code}\``,
        isAnswered ? String(entry.status) : printExit(entry),
        shown(entry.message),
        shown(entry.hint ?? ""),
      ];
      return `| ${cells.join(" | ")} |`;
    }),
  ];
}

function printExit({ exit = 2 }: ErrorEntry): string {
  return typeof exit === "number" ? String(exit) : "128 + the signal's number";
}

/** What the place that throws may say better is left out, so that the table's own is shown. */
const placeholders = new Proxy(
  {},
  {
    get: (_values, name) =>
      name === "hint" || name === "message" ? undefined : `<${String(name)}>`,
  },
);

/** The sentence as Markdown shows it, with the names of its values. */
function shown(text: ErrorEntry["message"]): string {
  return fill(text, placeholders)
    .replaceAll(/<(\w+)>/g, "`<$1>`")
    .replaceAll("|", "\\|");
}
