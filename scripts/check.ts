/** `npm run check [-- PART…]`: the checks of `npm test` without the tests. Exit code 0, 1 or 2. */
import { parts, runParts } from "./check/parts.ts";

const names = process.argv.slice(2);
const unknown = names.filter((name) => !parts.some((part) => part.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `E_USAGE: there is no check named ${unknown.join(", ")}; the checks are:\n` +
      parts.map((part) => `  ${part.name.padEnd(12)} ${part.meaning}\n`).join(""),
  );
  process.exitCode = 2;
} else {
  const chosen = names.length === 0 ? parts : parts.filter((part) => names.includes(part.name));
  const failed = await runParts(process.cwd(), chosen);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
