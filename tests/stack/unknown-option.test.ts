import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { checkout, waitForEnd } from "./stack-under-test.ts";

test("an option that is not there is refused, with the nearest that is", async () => {
  const ask = (...given: string[]) =>
    waitForEnd(
      spawn(process.execPath, ["scripts/query.ts", ...given], {
        cwd: checkout,
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
  const near = await ask("--sinse", "1h");
  assert.equal(near.exitCode, 2);
  assert.match(
    near.stderr,
    /Unknown option '--sinse'\. \[usage_invalid\]\nDid you mean --since\? /,
  );
  const far = await ask("--zebra-crossing");
  assert.equal(far.exitCode, 2);
  assert.doesNotMatch(far.stderr, /Did you mean/);
});
