import { test } from "node:test";
import { runFuzzedHttp } from "./fuzzed-http.ts";

test("10,000 fuzzed requests: no crash, no 500, and every error has a code", (t) =>
  runFuzzedHttp(t, 10_000));
