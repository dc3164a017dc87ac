import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { logEvents } from "#miniserve";
import { tinyEmbedding } from "../../server/llama/embedding/testing/tiny-bert.ts";
import { EngineError } from "../../server/llama/engine/index.ts";
import { encodeGguf, text } from "../../server/llama/models/gguf-writer.ts";
import { startFaults, toEnding } from "../../server/start-fault.ts";
import { IndexScene } from "../support/index-fixture.ts";
import { endlessModel } from "../support/model-files.ts";
import { type LogLine, type ServerOptions, ServerProcess } from "../support/server-process.ts";

const modelSettings = ["MINISERVE_MODEL", "MINISERVE_EMBEDDING_MODEL", "MINISERVE_RERANK_MODEL"];

interface Ended {
  readonly code: number | null;
  readonly lines: readonly LogLine[];
  readonly fileLines: readonly LogLine[];
  readonly text: string;
}

/** Starts a server that cannot run, and waits for its end. */
async function failToStart(options: ServerOptions): Promise<Ended> {
  await using server = await ServerProcess.launch(options);
  const { code } = await server.exit(60_000);
  const { lines, fileLines, stdout, stderr } = server;
  return { code, lines, fileLines, text: stdout + stderr };
}

/** That the last line says, on stdout and in the file, what is wrong and what to do. */
function assertFatal({ code, lines, fileLines }: Ended, errorType: keyof typeof startFaults): void {
  assert.equal(code, 2);
  const last = lines.at(-1);
  assert.equal(last?.event, logEvents.serverFailed.name);
  assert.equal(last?.level, "fatal");
  assert.equal(last?.["error.type"], errorType);
  assert.notEqual(last?.reason ?? "", "");
  assert.notEqual(last?.action ?? "", "");
  assert.deepEqual(fileLines, lines);
}

describe("a server that cannot start says why, once, and ends with 2", () => {
  test("when settings are wrong: all of them, by name, and never what they hold", async () => {
    const secret = "zebra-7421";
    const wrong = {
      MINISERVE_PORT: secret,
      MINISERVE_SLOTS: `${secret}0`,
      MINISERVE_ALLOWED_ORIGINS: secret,
      MINISERVE_API_KYE: secret,
    };
    const { code, lines, text } = await failToStart({ settings: wrong });
    assert.equal(code, 2);
    assert.deepEqual(lines.map((line) => line.variable).toSorted(), Object.keys(wrong).toSorted());
    for (const line of lines) {
      assert.equal(line.event, logEvents.configurationInvalid.name);
      assert.equal(line.level, "fatal");
      assert.notEqual(line.reason ?? "", "");
    }
    assert.ok(!text.includes("zebra"));
  });

  test("when the port is in use: eaddrinuse", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    try {
      const address = other.address();
      const port = typeof address === "object" ? String(address?.port) : "";
      assertFatal(await failToStart({ settings: { MINISERVE_PORT: port } }), "eaddrinuse");
    } finally {
      other.close();
    }
  });

  test("when the model is not there: model_not_found", async () => {
    const settings = { MINISERVE_MODEL: join("no", "such", "model.gguf") };
    assertFatal(await failToStart({ settings }), "model_not_found");
  });

  for (const setting of modelSettings) {
    test(`when ${setting} names a file that is cut short or full of garbage: model_damaged`, async () => {
      await using scene = await IndexScene.open();
      const path = join(scene.documentsDirectory, "broken.gguf");
      const whole = endlessModel();
      const hollow = Buffer.alloc(10_000);
      whole.copy(hollow, 0, 0, 8);
      // The counts of what follows, which is nothing at all.
      hollow.writeBigUInt64LE(2n ** 40n, 8);
      hollow.writeBigUInt64LE(2n ** 60n, 16);
      for (const broken of [whole.subarray(0, 2_000), whole.subarray(0, -5_000), hollow]) {
        await writeFile(path, broken);
        const ended = await failToStart({ settings: { [setting]: path } });
        assertFatal(ended, "model_damaged");
        assert.ok(String(ended.lines.at(-1)?.reason).includes(path));
      }
    });
  }

  test("when a model cannot do what it is for: embedding_ and ranking_model_unusable", async () => {
    await using scene = await IndexScene.open();
    const path = join(scene.documentsDirectory, "whole.gguf");
    await writeFile(path, encodeGguf({ metadata: {}, tensors: [] }));
    const embedding = await failToStart({ settings: { MINISERVE_EMBEDDING_MODEL: path } });
    assertFatal(embedding, "embedding_model_unusable");
    await writeFile(path, tinyEmbedding());
    const ranking = await failToStart({ settings: { MINISERVE_RERANK_MODEL: path } });
    assertFatal(ranking, "ranking_model_unusable");
  });

  test("when llama.cpp does not know the model's kind: model_unloadable", async () => {
    const metadata = { "general.architecture": text("zebra") };
    const ended = await failToStart({ model: encodeGguf({ metadata, tensors: [] }) });
    assertFatal(ended, "model_unloadable");
    // What llama.cpp says of it helps to see why.
    assert.ok(ended.lines.some(({ event }) => event === logEvents.engineMessage.name));
  });

  test("when the exporter's address is none: otlp_exporter_invalid", async () => {
    const settings = { OTEL_SDK_DISABLED: "", OTEL_EXPORTER_OTLP_ENDPOINT: "http://[nowhere" };
    assertFatal(await failToStart({ settings }), "otlp_exporter_invalid");
  });
});

describe("a server that can start", () => {
  test("does so on IPv6's loopback, and when its log file cannot be had, and says so", async () => {
    const settings = { MINISERVE_HOST: "::1", MINISERVE_LOG_FILE: "/dev/null/miniserve.log" };
    await using server = await ServerProcess.start({ settings });
    assert.ok(server.lines.some(({ event }) => event === logEvents.logOutputFailed.name));
    const answer = await fetch(`http://[::1]:${server.port}/healthz`);
    assert.equal(answer.status, 200);
    await answer.text();
    assert.equal((await server.stop()).code, 0);
    assert.equal(server.lines.at(-1)?.event, logEvents.serverStopped.name);
  });
});

describe("what an operator is told", () => {
  test("is code, reason and action for whatever the system or our own parts throw", () => {
    for (const code of ["EADDRINUSE", "EADDRNOTAVAIL", "ENOTFOUND", "EACCES"]) {
      const thrown = Object.assign(new Error("zebra"), { code, syscall: "listen" });
      const { errorType, reason, action } = toEnding(thrown).fault;
      assert.equal(errorType, code.toLowerCase());
      assert.notEqual(reason, startFaults.internal_error);
      assert.ok(!`${reason}${action}`.includes("zebra"));
    }
    const context = new EngineError("context_uncreatable", { slots: 9, contextTokens: 9 });
    assert.equal(toEnding(context).fault.errorType, "context_uncreatable");
    const backend = new EngineError("backend_unavailable", { gpu: "cuda" });
    assert.match(toEnding(backend).fault.action, /MINISERVE_GPU/);
    for (const thrown of [new TypeError("zebra"), "zebra", undefined]) {
      assert.equal(toEnding(thrown).fault.errorType, "internal_error");
      assert.ok(!JSON.stringify(toEnding(thrown)).includes("zebra"));
    }
  });
});
