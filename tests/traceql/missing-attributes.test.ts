import assert from "node:assert/strict";
import { test } from "node:test";
import { type Contract, traceql } from "#contract";
import { miniserve } from "#miniserve";
import { dedicatedColumns } from "../../stack/deployment/pipeline/tempo/dedicated-columns.ts";
import { checkout } from "../support/traces/checkout.ts";

test("whatever can be asked whether it is missing has a column of its own in Tempo", () => {
  for (const contract of [miniserve, checkout] as readonly Contract[]) {
    const columns = dedicatedColumns([contract]).map(({ scope, name }) => `${scope}.${name}`);
    const query = traceql(contract);
    const fields = [
      ...Object.values(query.attributes(...Object.keys(contract.spans))),
      ...Object.values(query.resource),
    ];
    const asked = fields.flatMap((field) => (field.kind === "string" ? [field.isNull().text] : []));
    assert.ok(asked.length > 0);
    for (const text of asked) {
      assert.ok(columns.includes(text.replace(" = nil", "")), text);
    }
  }
});
