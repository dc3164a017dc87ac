import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { portOwner } from "./launch.ts";

const skip = process.platform === "linux" ? false : "elsewhere the system's own words are used";
const program =
  'const s = require("net").createServer().listen(0, "127.0.0.1", () => console.log(s.address().port));';

async function listening(context: TestContext, argv0?: string) {
  const child = spawn(process.execPath, ["-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
    ...(argv0 === undefined ? {} : { argv0 }),
  });
  context.after(() => child.kill("SIGKILL"));
  const [line] = await once(createInterface(child.stdout), "line");
  return { port: Number(line), pid: child.pid };
}

test("names the program that was started, and not what its thread calls itself", {
  skip,
}, async (context) => {
  const { port, pid } = await listening(context);
  assert.equal(await portOwner(port), `node, process ${pid}`);
});

test("a name that would write on the terminal is shown without that, or left out", {
  skip,
}, async (context) => {
  const odd = await listening(context, "/opt/a\u001b[2J\nb");
  assert.equal(await portOwner(odd.port), `a?[2J?b, process ${odd.pid}`);
  const nameless = await listening(context, "");
  assert.equal(await portOwner(nameless.port), `process ${nameless.pid}`);
});
