/** `npm run check [-- PART...]`: the checks of `npm test` without the tests. */

import { printedHelp, ToolError, tellToolErrors } from "./check/developer-tool.ts";
import { parts, runParts } from "./check/parts.ts";

const list = parts.map((part) => `  ${part.name.padEnd(12)} ${part.brief}\n`).join("");
const usage = `npm run check [-- PART...]: the checks of npm test, without the tests. The checks are:
${list}
Examples:
  npm run check -- lint types
      only these two

Exit code:
  0  All checks passed.
  1  A check failed.
  2  There is no check of that name.
`;

async function check(): Promise<void> {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !parts.some((part) => part.name === name));
  if (unknown.length > 0) {
    const known = parts.map(({ name }) => name).join(", ");
    throw new ToolError("usage_invalid", { asked: `check ${unknown.join(", ")}`, known });
  }
  const chosen = names.length === 0 ? parts : parts.filter((part) => names.includes(part.name));
  const failed = await runParts(process.cwd(), chosen);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

if (!printedHelp(usage)) {
  await tellToolErrors(check);
}
