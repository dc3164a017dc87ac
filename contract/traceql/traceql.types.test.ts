/**
 * What must not compile. The type check is the test: an expected error that does not come up is one
 * itself. What is wrong in a way that can be seen at run time too is also refused there.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkout } from "../../tests/support/traces/checkout.ts";
import type { Contract } from "../define/contract.ts";
import { miniserve } from "../miniserve/index.ts";
import { variable } from "./condition.ts";
import { milliseconds } from "./quantity.ts";
import { traceql } from "./vocabulary.ts";

const query = traceql(miniserve);
const decode = query.spans("decode");

test("spans and attributes are those of the contract", () => {
  // @ts-expect-error: no such span.
  assert.throws(() => query.spans("decod"), RangeError);
  // @ts-expect-error: no such attribute.
  assert.throws(() => query.spans("decode", (a) => a.tokensOutt.eq(0)), TypeError);
  // @ts-expect-error: this is of another span.
  assert.throws(() => query.spans("decode", (a) => a.cacheHits.eq(0)), TypeError);
  // @ts-expect-error: it carries no attribute.
  assert.throws(() => query.spans("embedQuery", (a) => a.model.eq("x")), TypeError);
  // @ts-expect-error: none of the two carries it.
  assert.throws(() => query.spans(["decode", "format"], (a) => a.cacheHits.eq(0)), TypeError);
  // @ts-expect-error: a name on the wire is no identifier.
  assert.throws(() => query.spans("decode", (a) => a["llm.tokens.out"].eq(0)), TypeError);
  // @ts-expect-error: the resource has no such attribute.
  assert.throws(() => query.anySpan((_, __, resource) => resource.zone.eq("x")), TypeError);
  // @ts-expect-error: no such span.
  assert.throws(() => query.anySpan((_, span) => span.name.eq("llm.decode")), RangeError);
});

test("what is compared is of the same type", () => {
  query.spans("decode", (a) => a.tokensOut.eq(0));
  // @ts-expect-error: a string for an integer.
  query.spans("decode", (a) => a.tokensOut.eq("0"));
  // @ts-expect-error: a number for a string.
  query.spans("decode", (a) => a.model.eq(1));
  // @ts-expect-error: the order of strings is no question.
  assert.throws(() => query.spans("decode", (a) => a.model.gt("x")), TypeError);
  // @ts-expect-error: not in the list.
  query.spans("decode", (a) => a.stopReason.eq("eos"));
  // @ts-expect-error: one is not in the list.
  query.spans("decode", (a) => a.stopReason.isOneOf("stop", "eos"));
  // @ts-expect-error: a text for a boolean.
  query.spans("handler", (a) => a.streamed.eq("true"));
  // @ts-expect-error: a number for a duration.
  query.anySpan((_, span) => span.duration.gt(20));
  // @ts-expect-error: a duration for a number.
  query.spans("decode", (a) => a.meanStepMs.gt(milliseconds(20)));
  // @ts-expect-error: no such status.
  query.anySpan((_, span) => span.status.eq("failed"));
  // @ts-expect-error: a string attribute for a number.
  query.spans("decode", (a) => a.tokensOut.eq(a.model));
  // @ts-expect-error: a duration and a number have no order.
  query.spans("decode", (a, span) => span.duration.gt(a.tokensOut));
  // @ts-expect-error: a pattern variable is no value.
  query.spans("decode", (a) => a.model.eq(variable.pattern("model")));
  // @ts-expect-error: a text variable is no number.
  query.spans("decode", (a) => a.tokensOut.eq(variable.text("count")));
});

test("only strings can be asked whether they are missing", () => {
  query.spans("handler", (a) => a.errorType.isNull());
  // @ts-expect-error: an integer has no column of its own for certain.
  assert.throws(() => query.spans("decode", (a) => a.tokensOut.isNull()), TypeError);
  // @ts-expect-error: a boolean has none.
  assert.throws(() => query.spans("handler", (a) => a.streamed.isNull()), TypeError);
});

test("select, by and aggregates speak of what the spans carry", () => {
  decode.select("stopReason", query.span.name, query.resource.serviceVersion);
  // @ts-expect-error: this is of another span.
  assert.throws(() => decode.select("cacheHits"), RangeError);
  // @ts-expect-error: nothing is selected.
  decode.select();
  // @ts-expect-error: this is of another span.
  assert.throws(() => decode.countOverTime().by("route"), RangeError);
  // @ts-expect-error: a string has no average.
  decode.avg("model");
  // @ts-expect-error: a number is compared with a number.
  decode.avg("tokensOut").gt(milliseconds(1));
  // @ts-expect-error: a duration is compared with a duration.
  decode.avg(query.span.duration).gt(1);
  // @ts-expect-error: groups come before ranks.
  assert.throws(() => decode.rate().topK(3).by("model"), TypeError);
  // @ts-expect-error: no such hint.
  decode.with({ newest: true });
  const handlers = query.spans("handler");
  // @ts-expect-error: the relation keeps the handlers, which have no stop reason.
  assert.throws(() => handlers.related("ancestor", decode).select("stopReason"), RangeError);
  handlers.related("ancestor", decode, { keep: "both" }).select("stopReason", "route");
});

test("quantiles are of integers and durations", () => {
  const { meanStepMs } = query.attributes("decode");
  decode.quantileOverTime("tokensOut", 0.5);
  decode.quantileOverTime(query.span.duration, 0.5);
  decode.avgOverTime("meanStepMs");
  // @ts-expect-error: of a double, Tempo counts the whole values only.
  decode.quantileOverTime("meanStepMs", 0.5);
  // @ts-expect-error: the same by its field.
  decode.quantileOverTime(meanStepMs, 0.5);
  // @ts-expect-error: the same for a histogram.
  decode.histogramOverTime("meanStepMs");
  // @ts-expect-error: a string has none.
  decode.quantileOverTime("model", 0.5);
  // @ts-expect-error: no quantile.
  decode.quantileOverTime("tokensOut");
  // @ts-expect-error: a computation is not measured.
  assert.throws(() => decode.avgOverTime(meanStepMs.mul(2)), RangeError);
});

test("another contract has other words", () => {
  const shop = traceql(checkout);
  shop.spans("pay", (a) => a.payment.eq("declined").and(a.amount.gt(100)));
  // @ts-expect-error: no span of this contract.
  assert.throws(() => shop.spans("decode"), RangeError);
  // @ts-expect-error: not in the list.
  shop.spans("pay", (a) => a.payment.eq("lost"));
  // @ts-expect-error: not in the list of the resource.
  shop.anySpan((_, __, resource) => resource.region.eq("east"));
  // @ts-expect-error: spans of another contract are in no relation to these.
  shop.spans("pay").related("child", query.spans("handler"));
});

test("of any contract, a field says what it is", () => {
  const any: Contract = checkout;
  const fields = traceql(any).attributes("pay");
  const spans = traceql(any).spans("pay");
  const { amount } = fields;
  // @ts-expect-error: it may be of a type that has no quantiles.
  assert.throws(() => spans.avgOverTime(amount).text.missing.member, TypeError);
  assert.equal(amount?.kind, "double");
  if (amount?.kind === "double") {
    assert.match(spans.avgOverTime(amount).text, /avg_over_time\(span\.shop\.amount\)$/);
  }
});
