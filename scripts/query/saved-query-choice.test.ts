import assert from "node:assert/strict";
import { test } from "node:test";
import { miniserve } from "#miniserve";
import { toServices } from "../../tests/support/services.ts";
import { chooseAll, chooseSavedQuery, isQueryId } from "./saved-query-counts.ts";

const services = toServices(miniserve);

test("an id is told from TraceQL", () => {
  assert.ok(isQueryId("empty-completions"));
  assert.ok(["{ }", "({ } && { })", "{status=error}", ""].every((text) => !isQueryId(text)));
});

test("values are set by the type of the parameter", () => {
  assert.match(
    chooseSavedQuery(services, "runaway-generation", ["threshold=9"]).search,
    />= 9 \}$/,
  );
  assert.match(
    chooseSavedQuery(services, "slow-decode-steps", ["threshold=0.5"]).search,
    /\+ 0 > 0\.5 \}$/,
  );
  const { search } = chooseSavedQuery(services, "one-request", ["request=cmpl-1=2", "service=a"]);
  assert.match(search, /^\{ resource\.service\.name = "a" .* = "cmpl-1=2" \}$/);
  assert.ok(chooseAll(services, ["service=a"]).every((query) => query.search.includes('= "a"')));
});

test("an unknown id is answered with the nearest", () => {
  for (const [given, nearest] of [
    ["empty-completion", "empty-completions"],
    ["orfans", "orphans"],
    ["slow-decode", "slow-decode-steps"],
  ] as const) {
    assert.throws(() => chooseSavedQuery(services, given, []), {
      code: "query_unknown",
      hint: `Did you mean ${nearest}? npm run query -- --list shows all.`,
    });
  }
});

test("a value that cannot be set is refused, with what can", () => {
  for (const [id, setting, hint] of [
    ["empty-answers", "threshold=5", /it has service\.$/],
    ["empty-completions", "size=5", /it has threshold and service\.$/],
    ["empty-completions", "threshold", /NAME=VALUE/],
    ["empty-completions", "threshold=", /^threshold: How many/],
    ["empty-completions", "threshold=many", /^threshold: How many/],
    ["cold-cache", "threshold=0.5", /give a whole number\.$/],
    ["cold-cache", "threshold=1e400", /finite|whole/],
    ["one-request", "service=a", /^The id .* Give it: --set request=chatcmpl-/],
  ] as const) {
    const refusal = { code: "usage_invalid", hint };
    assert.throws(() => chooseSavedQuery(services, id, [setting]), refusal, `${id} ${setting}`);
  }
  assert.throws(() => chooseAll(services, ["threshold=5"]), { hint: /it has service\.$/ });
});
