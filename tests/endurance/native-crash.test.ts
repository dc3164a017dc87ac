import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type StackUnderTest, stackUnderTest, until } from "../stack/stack-under-test.ts";
import { endlessModel } from "../support/model-files.ts";
import { postJson } from "../support/post-json.ts";
import { RawConnection, rawPost } from "../support/raw-http.ts";
import { ServerProcess } from "../support/server-process.ts";

const timeout = 120_000;

/** Native code that crashes raises these; a real crash would need a defect in llama.cpp. */
const crashes = ["SIGSEGV", "SIGABRT"] as const;

test("a crash of native code ends the server at once, in the middle of its requests", async () => {
  for (const signal of crashes) {
    await using server = await ServerProcess.start({ model: endlessModel() });
    const connection = await RawConnection.open(server.port);
    connection.write(rawPost("/v1/completions", { prompt: "x", max_tokens: 2_000, stream: true }));
    await connection.waitFor("the first events", (received) => received.includes("data: "));
    server.signal(signal);
    // For whoever started it, a shell for one, this is an exit code above 128.
    assert.deepEqual(await server.exit(), { code: null, signal });
    await connection.closed();
    assert.ok(!connection.received.includes("[DONE]"));
  }
});

test("the stack starts a crashed server again, later each time, and says so", {
  timeout,
}, async (t) => {
  const stack = await stackUnderTest(t);
  const up = await stack.run("stack/up.ts");
  assert.equal(up.exitCode, 0, up.stdout + up.stderr);
  const crashed = new Set<number>();
  for (const [index, delaySeconds] of [0.5, 1].entries()) {
    const pid = (await stack.pids()).server ?? 0;
    assert.ok(pid > 0 && !crashed.has(pid), `a new process: ${pid}`);
    crashed.add(pid);
    process.kill(pid, "SIGSEGV");
    const line = new RegExp(
      `The server was killed by SIGSEGV after [0-9.]+ s\\. It is started again in ${delaySeconds} s\\.`,
    );
    await until(`restart ${index + 1} to be told`, () => line.test(supervisorLog(stack)));
    await until(
      `the server to be ready again, for the ${index + 1}. time`,
      () => supervisorLog(stack).split("The server is ready again.").length === index + 2,
    );
  }
  const status = await stack.run("stack/status.ts");
  assert.equal(status.exitCode, 0, status.stdout);
  assert.match(status.stdout, /The server was started again 2 times: it was killed by SIGSEGV/);

  const url = `http://127.0.0.1:${stack.ports.MINISERVE_PORT}/v1/completions`;
  const answer = await postJson(url, { prompt: "Once", max_tokens: 2 });
  assert.equal(answer.status, 200, answer.text);
  const file = join(stack.directory, "exported.json");
  const exported = await stack.run("scripts/trace-export.ts", answer.traceId, "--out", file);
  assert.equal(exported.exitCode, 0, exported.stdout + exported.stderr);
  const check = await stack.run("scripts/trace-check.ts", file);
  assert.equal(check.exitCode, 0, check.stdout + check.stderr);
});

function supervisorLog({ environment }: StackUnderTest): string {
  return readFileSync(join(environment.STACK_DIR ?? "", "supervisor.log"), "utf8");
}
