import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { type Span, writeResourceSpans } from "#contract";
import { miniserve } from "#miniserve";
import { drawTrace } from "../support/traces/valid-trace.ts";
import { stackUnderTest } from "./stack-under-test.ts";

const seed = 20_260_102;
const timeout = 120_000;

/** Spans that keep the contract, with a request that completed among them. */
function validTrace(t: TestContext): Span[] {
  t.diagnostic(`seed ${seed}`);
  const [draw] = fc.sample(fc.gen(), { seed, numRuns: 1 });
  assert.ok(draw);
  return drawTrace(draw, miniserve, { outcomes: ["completed"] });
}

function writer(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "miniserve-check-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return (document: unknown) => {
    const file = join(directory, "trace.json");
    writeFileSync(file, typeof document === "string" ? document : JSON.stringify(document));
    return file;
  };
}

test("takes all three forms of a valid trace", { timeout }, async (t) => {
  const { run } = await stackUnderTest(t);
  const write = writer(t);
  const spans = validTrace(t);
  const otlp = writeResourceSpans(spans, "otlp");
  const tempo = writeResourceSpans(spans, "tempo");
  const documents = [
    { resourceSpans: otlp },
    { batches: tempo },
    { trace: { resourceSpans: tempo }, metrics: {} },
  ];
  for (const document of documents) {
    const end = await run("scripts/trace-check.ts", write(document));
    assert.equal(end.exitCode, 0, end.stdout + end.stderr);
    assert.match(end.stdout, /^valid$/m);
  }
});

test("lists every violation", { timeout }, async (t) => {
  const { run } = await stackUnderTest(t);
  const write = writer(t);
  const { tokenize, decode } = miniserve.spans;
  const { tokenizerName, meanStepMs } = miniserve.attributes;
  const broken = validTrace(t).map((span) => ({
    ...span,
    attributes: span.attributes.filter(
      ({ key }) => ![tokenizerName.key, meanStepMs.key].includes(key),
    ),
  }));
  const file = write({ resourceSpans: writeResourceSpans(broken, "otlp") });
  const end = await run("scripts/trace-check.ts", file);
  assert.equal(end.exitCode, 1);
  assert.ok(end.stdout.includes(`✗ ${tokenize.name}`) && end.stdout.includes(tokenizerName.key));
  assert.ok(end.stdout.includes(`✗ ${decode.name}`) && end.stdout.includes(meanStepMs.key));
  const json = await run("scripts/trace-check.ts", file, "--json");
  assert.equal(json.exitCode, 1);
  const report = JSON.parse(json.stdout);
  assert.equal(report.valid, false);
  const rules = report.violations.map(({ rule }: { rule: string }) => rule);
  assert.ok(rules.filter((rule: string) => rule === "missing-attribute").length >= 2);
});

test("a file without a request of ours is not valid", { timeout }, async (t) => {
  const { run } = await stackUnderTest(t);
  const write = writer(t);
  for (const document of [{ resourceSpans: [{}] }, { trace: {} }]) {
    const end = await run("scripts/trace-check.ts", write(document));
    assert.equal(end.exitCode, 1, JSON.stringify(document));
    assert.match(end.stdout, /holds no request/);
  }
});

test("a file of something else has that one fault", { timeout }, async (t) => {
  const { run } = await stackUnderTest(t);
  const write = writer(t);
  for (const document of [{}, []]) {
    const end = await run("scripts/trace-check.ts", write(document));
    assert.equal(end.exitCode, 1, JSON.stringify(document));
    assert.match(end.stdout, /^1 violation$/m);
  }
});

test("a file that cannot be read is told from one that is wrong", { timeout }, async (t) => {
  const { run, directory } = await stackUnderTest(t);
  const write = writer(t);
  const ends = [
    await run("scripts/trace-check.ts"),
    await run("scripts/trace-check.ts", join(directory, "not-there.json")),
    await run("scripts/trace-check.ts", write("{ half")),
  ];
  assert.deepEqual(
    ends.map(({ exitCode }) => exitCode),
    [2, 2, 2],
  );
  const codes = ends.map(({ stderr }) => /\[(\w+)\]/.exec(stderr)?.[1]);
  assert.deepEqual(codes, ["usage_invalid", "file_unreadable", "file_unreadable"]);
});
