import { test } from "node:test";
import { runMixedLoad } from "./mixed-load.ts";

test("2,000 requests of all kinds each leave one valid trace and a whole record", (t) =>
  runMixedLoad(t, 2_000));
