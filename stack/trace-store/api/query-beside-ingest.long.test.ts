import { test } from "node:test";
import { queryBesideIngest } from "../testing/query-beside-ingest.ts";

test("queries that run for a minute do not hold up commits, and are ended", (context) =>
  queryBesideIngest(context, 60_000));
