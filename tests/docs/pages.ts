/** The Markdown pages of this repository, taken apart. */
import { execFileSync } from "node:child_process";
import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../stack/stack-under-test.ts";

interface Block {
  /** "sh", "ts" …; empty for what a program prints. */
  readonly language: string;
  readonly text: string;
  /** Whether it follows the block before without a word between. */
  readonly followsBlock: boolean;
}

export interface Page {
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Without its blocks. */
  readonly prose: string;
}

const fence = /^(?: *\d+\.| *-)? *```(\w*)\n([\s\S]*?)^ *```$/gm;

export function trackedFiles(...patterns: readonly string[]): string[] {
  const tracked = ["ls-files", "--cached", "--others", "--exclude-standard", "-z", ...patterns];
  const listed = execFileSync("git", tracked, { cwd: checkout, encoding: "utf8" });
  return listed.split("\0").filter((path) => path !== "" && isFile(path));
}

/** Not a link to packages, nor what has just been deleted. */
function isFile(path: string): boolean {
  return lstatSync(join(checkout, path), { throwIfNoEntry: false })?.isFile() === true;
}

export function readPage(path: string): Page {
  const text = readFileSync(join(checkout, path), "utf8");
  const blocks = [...text.matchAll(fence)].map(({ 1: language = "", 2: inside = "", index }) => ({
    language,
    text: inside,
    followsBlock: text.slice(0, index).trimEnd().endsWith("```"),
  }));
  return { path, text, blocks, prose: text.replaceAll(fence, "") };
}

export function readPages(): Page[] {
  return trackedFiles("*.md").map(readPage);
}

/** The commands of a block, one text each: a quotation, a document or a `\` goes on over lines. */
export function commandsIn(block: Block): string[] {
  const commands: string[] = [];
  let open = "";
  for (const line of block.text.split("\n")) {
    open = open === "" ? line.trim() : `${open}\n${line}`;
    if (isWhole(open)) {
      commands.push(open);
      open = "";
    }
  }
  return commands.filter((command) => command !== "" && !command.startsWith("#"));
}

function isWhole(command: string): boolean {
  const document = /<<'(\w+)'/.exec(command)?.[1];
  if (document !== undefined) {
    return command.endsWith(`\n${document}`);
  }
  const quotes = command.replaceAll(/"[^"']*'[^"']*"/g, "").split("'").length - 1;
  return quotes % 2 === 0 && !command.endsWith("\\");
}

/** The commands that are named between other words. */
export function inlineCommands(page: Page): string[] {
  return [...page.prose.matchAll(/`([^`\n]+)`/g)]
    .map(([, code = ""]) => code)
    .filter((code) => projectCommand(code) !== undefined);
}

export interface ProjectCommand {
  readonly name: string;
  /** As the shell would read them. */
  readonly options: string;
}

const call =
  /^(?:[A-Z_]+=\S+ )*(?:npm (?:run (?:--silent |-s )?([a-z:-]+)|(test|start))(?: -- (.*))?|npx miniserve ([a-z:-]+)(?: (.*))?)$/s;

/** Which command of this project it calls, and with what. */
export function projectCommand(command: string): ProjectCommand | undefined {
  // Up to a comment, a pipe or a redirection.
  const [only = ""] = /^(?:'[^']*'|"[^"]*"|[^'"|<>#]|(?<! )#)*/.exec(command) ?? [];
  const [, run, short, runOptions, name, options] = call.exec(only.replace(/\\?\s*$/, "")) ?? [];
  const found = run ?? short ?? name;
  return found === undefined ? undefined : { name: found, options: runOptions ?? options ?? "" };
}
