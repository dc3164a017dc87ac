import assert from "node:assert/strict";
import { test } from "node:test";
import { compareWithTempo } from "../../stack/trace-store/traceql/conformance/compare-with-tempo.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

/** A Tempo to compare with: its API, and where it takes OTLP over HTTP. */
const { TEMPO_URL, TEMPO_OTLP } = process.env;

const skip =
  TEMPO_URL && TEMPO_OTLP
    ? false
    : "set TEMPO_URL and TEMPO_OTLP to compare with a real Tempo 3.0.3";

test("a real Tempo gives the same answers, but for what is known", { skip }, async (context) => {
  const { asked, explained, unexplained } = await compareWithTempo(
    { apiUrl: TEMPO_URL ?? "", otlpUrl: TEMPO_OTLP ?? "" },
    temporaryDirectory(),
  );
  context.diagnostic(`${asked} asked`);
  for (const [{ question, inTempo, here }, count] of explained) {
    context.diagnostic(`${count} differ: ${question}: in Tempo ${inTempo}; here ${here}`);
  }
  assert.deepEqual(unexplained, []);
});
