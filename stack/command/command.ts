import { parseArgs } from "node:util";
import { changesAllowed, nearestTo, shortText, withoutCredentials } from "#contract";
import { CodedError } from "#errors";
import { StackError } from "./stack-error.ts";
import {
  getTerminalColumns,
  type Style,
  styleFor,
  writeDocument,
  writeJson,
  writeLines,
} from "./terminal.ts";
import { WaitingLine } from "./waiting-line.ts";

interface OptionDescription {
  readonly type: "boolean" | "string";
  readonly short?: string;
  /** For a string that may be given several times. */
  readonly multiple?: boolean;
  /** For the help: what it does, and the name of its value. */
  readonly does: string;
  readonly value?: string;
}

type OptionDescriptions = Readonly<Record<string, OptionDescription>>;

type ValuesOf<Options extends OptionDescriptions> = {
  readonly [Key in keyof Options]?: Options[Key]["type"] extends "boolean"
    ? boolean
    : Options[Key]["multiple"] extends true
      ? readonly string[]
      : string;
} & { readonly json?: boolean };

interface CommandDescription<Options extends OptionDescriptions> {
  /** As a person calls it: `npm run stack:up`. */
  readonly name: string;
  readonly summary: string;
  /** The positional arguments as the help shows them, and how many there may be. */
  readonly positionals?: { readonly usage: string; readonly max: number };
  readonly options: Options;
  /** False for a command whose output no machine reads. */
  readonly json?: false;
  /** As a person types them, each with what it is for. At least one. */
  readonly examples: readonly [Example, ...(readonly Example[])];
  /** False for a command that goes on until it is stopped, and has nothing to wait for. */
  readonly showsWaiting?: false;
  /** What the exit codes mean here, beyond what they mean everywhere. */
  readonly exitCodes: readonly [good: string, wrong: string, couldNotRun: string];
  readonly run: (call: CommandCall<Options>) => Promise<CommandResult>;
}

type Example = readonly [command: string, does: string];

export interface CommandCall<Options extends OptionDescriptions> {
  readonly options: ValuesOf<Options>;
  readonly positionals: readonly string[];
  /** Writes lines for a person. With `--json` they go to stderr, so that stdout is all JSON. */
  readonly say: (...lines: readonly string[]) => void;
  readonly style: Style;
  readonly columns: number;
}

export interface CommandResult {
  readonly exitCode: number;
  /** What `--json` prints. */
  readonly report?: unknown;
  /** What a program reads of it instead, as it is. */
  readonly document?: string;
}

/** Runs a command with this process's arguments, and sets its exit code. */
export async function runCommand<const Options extends OptionDescriptions>(
  command: CommandDescription<Options>,
): Promise<void> {
  // A reader that has seen enough, as `head`, does not stop what the command is about to do.
  process.stdout.on("error", () => undefined);
  const wantsJson = process.argv.slice(2).includes("--json");
  const stream = wantsJson ? process.stderr : process.stdout;
  const waiting = command.showsWaiting === false ? undefined : new WaitingLine();
  const say = (...lines: readonly string[]) => {
    waiting?.clear();
    writeLines(stream, lines);
  };
  try {
    const { values, positionals } = parse(command);
    if (values.help === true) {
      writeDocument(process.stdout, formatHelp(command));
      return;
    }
    waiting?.start();
    const result = await command.run({
      options: values as ValuesOf<Options>,
      positionals,
      say,
      style: styleFor(stream),
      columns: getTerminalColumns(stream),
    });
    waiting?.stop();
    if (wantsJson) {
      writeJson(process.stdout, result.report ?? {});
    } else if (result.document !== undefined) {
      writeDocument(process.stdout, result.document);
    }
    process.exitCode = result.exitCode;
  } catch (thrown) {
    waiting?.stop();
    const error = toSystemError(thrown) ?? thrown;
    process.exitCode = error instanceof CodedError ? error.exitCode : 2;
    complain(command.name, error, wantsJson);
  }
}

const everyOption = {
  json: { type: "boolean", does: "Print the result as JSON on stdout." },
  help: { type: "boolean", short: "h", does: "Print this help." },
} as const satisfies OptionDescriptions;

type Described = Omit<CommandDescription<OptionDescriptions>, "run">;

function describeOptions(command: Described): OptionDescriptions {
  const { json, help } = everyOption;
  return { ...command.options, ...(command.json === false ? {} : { json }), help };
}

function parse(command: Described) {
  const most = command.positionals?.max ?? 0;
  try {
    const parsed = parseArgs({
      options: describeOptions(command),
      allowPositionals: most > 0,
    });
    if (parsed.positionals.length > most) {
      throw new Error(`There are ${parsed.positionals.length} arguments, and at most ${most} fit.`);
    }
    return parsed;
  } catch (error) {
    // The sentences of parseArgs go on with advice for programmers after the first full stop.
    const message = `${String((error as Error).message).split(/\. |\.$/)[0]}.`;
    const [, unknown = ""] = /^Unknown option '--([^']*)'/.exec(message) ?? [];
    const nearest = nearestTo(
      unknown,
      Object.keys(describeOptions(command)),
      changesAllowed(unknown),
    );
    const advice = nearest === undefined ? "" : `Did you mean --${nearest}? `;
    throw new StackError("usage_invalid", {
      message,
      hint: `${advice}Ask ${command.name} -- --help for the options.`,
    });
  }
}

function formatHelp(command: Described): string {
  const rows = Object.entries(describeOptions(command)).map(([name, option]) => {
    const value = option.type === "string" ? ` ${option.value ?? "VALUE"}` : "";
    const short = option.short === undefined ? "" : `-${option.short}, `;
    return [`${short}--${name}${value}`, option.does] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  const positionals = command.positionals === undefined ? "" : ` ${command.positionals.usage}`;
  return [
    `${command.name} -- [options]${positionals}`,
    "",
    command.summary,
    "",
    "Options:",
    ...rows.map(([left, does]) => `  ${left.padEnd(width)}  ${does}`),
    "",
    "Examples:",
    ...command.examples.flatMap(([example, does]) => [`  ${example}`, `      ${does}`]),
    "",
    "Exit code:",
    ...command.exitCodes.map((brief, code) => `  ${code}  ${brief}`),
    "",
  ].join("\n");
}

function complain(name: string, error: unknown, wantsJson: boolean): void {
  if (!(error instanceof CodedError)) {
    const [first = "", ...frames] = ((error as Error).stack ?? String(error)).split("\n");
    writeLines(process.stderr, [`${name}: a defect of this program: ${first}`, ...frames]);
    return;
  }
  const { code, hint } = error;
  const message = shortText(error.message, mostCharacters);
  const details = error.details.map((detail) => shortText(detail, mostCharacters));
  if (wantsJson) {
    const told = { code, message, hint, details };
    writeJson(process.stdout, {
      error: JSON.parse(JSON.stringify(told), (_key, value) =>
        typeof value === "string" ? withoutCredentials(value) : value,
      ),
    });
  }
  const style = styleFor(process.stderr);
  writeLines(process.stderr, [
    `${style("red", name)}: ${message} ${style("dim", `[${code}]`)}`,
    ...details.map((detail) => `  ${detail}`),
    ...(hint === "" ? [] : [hint]),
  ]);
}

/** Of what was seen: more, nobody reads. */
const mostCharacters = 2_000;

const unwritableHint = "Let this user write there, or set another folder.";

/**
 * What the system refused, as an error that a person can do something about; undefined for anything
 * else, which is a defect.
 */
export function toSystemError(error: unknown): StackError | undefined {
  const { code = "", syscall, path } = (error ?? {}) as NodeJS.ErrnoException;
  if (!(error instanceof Error) || syscall === undefined) {
    return undefined;
  }
  const where = path === undefined ? "" : ` of ${path.replaceAll(/[^\x20-\x7e]/gu, "?")}`;
  const message = `The system refused to ${syscall}${where} (${code}).`;
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return new StackError("disk_full", { message });
    case "EROFS":
    case "EACCES":
    case "EPERM":
    case "ENOTDIR":
      return new StackError("file_unwritable", { message, hint: unwritableHint });
    case "EMFILE":
    case "ENFILE":
      return new StackError("too_many_files", { message });
    default:
      return undefined;
  }
}

/** The day in the reader's own zone: `2026-01-31`. */
export function localDate(date: Date): string {
  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return parts.map((part) => String(part).padStart(2, "0")).join("-");
}

/** The time of day in the reader's own zone: `23:59:59`. */
export function localClock(date: Date): string {
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}
