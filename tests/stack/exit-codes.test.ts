import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { freePorts } from "../../scripts/bench/bench-dir.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const page = readFileSync("docs/generated/errors.md", "utf8");

/** What the page says of a code in the part for the process that is run. */
function exitOnPage(part: string, code: string): number {
  const [, after = ""] = page.split(`## ${part}\n`);
  return Number(new RegExp(`^\\| \`${code}\` \\| (\\d+)`, "m").exec(after)?.[1]);
}

/** Runs it to its end. */
function run(main: readonly string[], settings: Readonly<Record<string, string>>) {
  return new Promise<{ exitCode: unknown; said: string }>((resolve) => {
    const env = { ...process.env, ...settings };
    const child = execFile(
      process.execPath,
      [...process.execArgv, ...main],
      { env },
      (_, ...said) => resolve({ exitCode: child.exitCode, said: said.join("") }),
    );
  });
}

async function storeSettings() {
  const [tempo, grpc, http, server, grafana] = (await freePorts(5)).map(String);
  const folder = temporaryDirectory();
  mkdirSync(join(folder, "data"));
  return {
    STACK_DIR: folder,
    TEMPO_PORT: tempo ?? "",
    OTLP_GRPC_PORT: grpc ?? "",
    OTLP_HTTP_PORT: http ?? "",
    MINISERVE_PORT: server ?? "",
    GRAFANA_PORT: grafana ?? "",
  };
}

describe("the store's process ends with the exit code of the page", () => {
  const main = ["stack/trace-store/main.ts"];
  const part = "The trace store";

  test("store_damaged", async () => {
    const settings = await storeSettings();
    writeFileSync(join(settings.STACK_DIR, "data", "traces.duckdb"), "no database".repeat(2000));
    const { exitCode, said } = await run(main, settings);
    assert.match(said, /\[store_damaged\]/);
    assert.equal(exitCode, exitOnPage(part, "store_damaged"));
  });

  test("port_taken", async (context) => {
    const taken = createServer().listen(0, "127.0.0.1");
    context.after(() => taken.close());
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as AddressInfo;
    const { exitCode, said } = await run(main, {
      ...(await storeSettings()),
      TEMPO_PORT: String(port),
    });
    assert.match(said, /\[port_taken\]/);
    assert.equal(exitCode, exitOnPage(part, "port_taken"));
  });
});

describe("npm start -- --prepare ends with the exit code of the page", () => {
  const folder = temporaryDirectory();
  const cases = {
    model_address_invalid: "hf:someone",
    model_not_found: join(folder, "missing.gguf"),
    model_not_gguf: join(folder, "page.gguf"),
  };
  writeFileSync(cases.model_not_gguf, "<html></html>");

  for (const [code, model] of Object.entries(cases)) {
    test(code, async () => {
      const { exitCode, said } = await run(["server/main.ts", "--prepare"], {
        MINISERVE_MODEL: model,
        MINISERVE_MODELS_DIRECTORY: folder,
      });
      assert.match(said, new RegExp(`^${code}: `, "m"));
      assert.equal(exitCode, exitOnPage("When the server cannot start", code));
    });
  }

  test("arguments_invalid", async () => {
    const { exitCode, said } = await run(["server/main.ts", "--serve"], {});
    assert.match(said, /^arguments_invalid: /m);
    assert.equal(exitCode, exitOnPage("When the server cannot start", "arguments_invalid"));
  });
});

describe("a developer's tool ends with the exit code of the page", () => {
  for (const tool of ["check", "gpu-install"]) {
    test(`${tool} of what there is not`, async () => {
      const { exitCode, said } = await run([`scripts/${tool}.ts`, "nothing"], {});
      assert.match(said, /^There is no .*nothing.* \[usage_invalid\]$/m);
      const part = "Checks, the lockfile and GPU builds";
      assert.equal(exitCode, exitOnPage(part, "usage_invalid"));
    });
  }
});
