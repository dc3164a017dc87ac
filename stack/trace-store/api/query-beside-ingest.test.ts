import { test } from "node:test";
import { queryBesideIngest } from "../testing/query-beside-ingest.ts";

test("queries that run until their limit do not hold up commits, and are ended", (context) =>
  queryBesideIngest(context, 5_000));
