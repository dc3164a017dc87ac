/** What `npm run example:checkout` says where it cannot run, and how it is stopped. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { runExample } from "./running-example.ts";

const nowhere = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" };

test("without a stack it says which to start", async () => {
  const { exitCode, output } = await runExample([], {
    environment: { STACK_DIR: temporaryDirectory() },
  });
  assert.equal(exitCode, 2);
  assert.match(
    output,
    /The stack does not run\. \[not_running\]\nStart one for the example: npm run/,
  );
});

test("without a Python that is new enough it says what to install", async () => {
  const absent = await runExample(["--python", "no-such-python"], { environment: nowhere });
  assert.equal(absent.exitCode, 2);
  assert.match(absent.output, /\(there is no no-such-python\)\. \[python_missing\]\nInstall one/);
  const old = await runExample(["--python", fakePython("3.9.18")], { environment: nowhere });
  assert.match(old.output, /is 3\.9\.18\)\. \[python_missing\]/);
});

test("where Debian's Python cannot make a virtual environment, it names the package", async () => {
  const { exitCode, output } = await runExample(["--python", fakePython("3.12.1")], {
    environment: nowhere,
  });
  assert.equal(exitCode, 2);
  assert.match(output, /could not be made\. \[python_packages_failed\]/);
  assert.match(output, /^ {2}ensurepip is not available$/m);
  assert.match(output, /apt-get install python3-venv/);
});

test("a number that is none is refused before anything starts", async () => {
  const { exitCode, output } = await runExample(["--orders", "many"], { environment: nowhere });
  assert.equal(exitCode, 2);
  assert.match(output, /--orders is no whole number up to 10000\. \[usage_invalid\]/);
});

test("a signal ends it, and what it has is sent first", async (t) => {
  const receiver = await OtlpReceiver.start();
  t.after(() => receiver.stop());
  const { skip, exitCode, output, report } = await runExample(
    ["--orders", "10000", "--seconds", "600"],
    {
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcEndpoint },
      interruptAfter: / of 10009 orders/,
    },
  );
  if (skip !== false) {
    t.skip(skip);
    return;
  }
  assert.equal(exitCode, 0, output);
  assert.match(output, /spans sent, 0 lost\./);
  assert.deepEqual(report.spans, { sent: receiver.spans.length, lost: 0 });
  assert.ok(receiver.spans.length > 100, output);
});

test("spans that nobody takes are counted, and it says so in its exit code", async (t) => {
  const given = ["--orders", "0", "--seconds", "0"];
  const { skip, exitCode, output, report } = await runExample(given, {
    environment: { ...nowhere, OTEL_EXPORTER_OTLP_TIMEOUT: "1" },
  });
  if (skip !== false) {
    t.skip(skip);
    return;
  }
  assert.equal(exitCode, 1, output);
  assert.equal(report.spans.sent, 0);
  assert.ok(report.spans.lost > 0);
});

test("a service that fails is told as such", async (t) => {
  const file = join(temporaryDirectory(), "shop.py");
  writeFileSync(file, 'raise SystemExit("no shop today")');
  const { skip, exitCode, output } = await runExample(["--file", file], { environment: nowhere });
  if (skip !== false) {
    t.skip(skip);
    return;
  }
  assert.equal(exitCode, 2);
  assert.match(output, /^no shop today\n.*\[example_failed\]/m);
});

/** A Python that has the version, and not the package that virtual environments need. */
function fakePython(version: string): string {
  const file = join(temporaryDirectory(), "python3");
  const script = `#!/bin/sh
if [ "$1" = -c ]; then echo ${version}; else echo "ensurepip is not available"; exit 1; fi
`;
  writeFileSync(file, script, { mode: 0o755 });
  return file;
}
