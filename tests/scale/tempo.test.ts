/** The configuration of a Tempo in parts, read by a real Tempo for each part. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parse, stringify } from "yaml";
import { generatedFile, temporaryDirectory } from "../pipeline/program.ts";

const { TEMPO_BIN = "" } = process.env;
const options = { skip: TEMPO_BIN === "" && "set TEMPO_BIN to Tempo 3.0.3", timeout: 120_000 };
const parts = [
  "distributor",
  "live-store",
  "block-builder",
  "querier",
  "query-frontend",
  "backend-scheduler",
  "backend-worker",
  "metrics-generator-no-local-blocks",
];

/** What Tempo says of a configuration for one of its parts; nothing when all is well. */
function runTempoForError(context: TestContext, configuration: string, part: string): string {
  const directory = temporaryDirectory(context);
  const file = join(directory, "tempo.yaml");
  writeFileSync(file, configuration);
  const { status, stdout, stderr } = spawnSync(
    TEMPO_BIN,
    ["-config.expand-env=true", `-config.file=${file}`, `-target=${part}`, "-config.verify=true"],
    { env: { HOSTNAME: "tempo-0", TEMPO_DATA_DIR: directory }, encoding: "utf8" },
  );
  return status === 0 ? "" : `${part}: ${status} ${stdout}${stderr}`;
}

test("every part takes it, and what no part has is refused", options, (context) => {
  const configuration = readFileSync(generatedFile("scale/tempo.yaml"), "utf8");
  assert.deepEqual(
    parts.map((part) => runTempoForError(context, configuration, part)),
    parts.map(() => ""),
  );
  const wrong = configuration.replace("live_store:", "live_shop:");
  assert.match(runTempoForError(context, wrong, "distributor"), /live_shop/);
});

test("what is laid over the chart's configuration is Tempo's too", options, (context) => {
  const values = parse(readFileSync(generatedFile("scale/tempo-values.yaml"), "utf8"));
  const configuration = stringify(values.tempo.structuredConfig);
  assert.deepEqual(
    parts.map((part) => runTempoForError(context, configuration, part)),
    parts.map(() => ""),
  );
});
