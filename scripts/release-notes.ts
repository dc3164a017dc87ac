/** `npm run release:notes -- TAG`: what a release says of itself, when its tag is right. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type CommandCall,
  type CommandResult,
  checkout,
  runCommand,
  StackError,
} from "../stack/index.ts";
import { readReleaseNotes } from "./release/release-notes.ts";

await runCommand({
  name: "npm run release:notes",
  summary:
    "Checks that a tag is the version in package.json and has a dated section in CHANGELOG.md, and prints that\n" +
    "section.",
  positionals: { usage: "TAG", max: 1 },
  options: {},
  json: false,
  examples: [["npm run release:notes -- v1.0.0", "the changes of that version"]],
  exitCodes: ["The tag is right.", "The tag is wrong: each reason is listed.", "No tag was given."],
  run: printNotes,
});

async function printNotes({
  positionals: [tag],
  say,
}: CommandCall<Record<never, never>>): Promise<CommandResult> {
  if (tag === undefined) {
    throw new StackError("usage_invalid", {
      message: "No tag was given.",
      hint: "For example: npm run release:notes -- v1.0.0",
    });
  }
  const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
  const changes = readFileSync(join(checkout, "CHANGELOG.md"), "utf8");
  const result = readReleaseNotes({ tag, version, changes });
  if ("faults" in result) {
    say(...result.faults);
    return { exitCode: 1 };
  }
  return { exitCode: 0, document: `${result.notes}\n` };
}
