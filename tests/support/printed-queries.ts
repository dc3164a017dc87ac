/** For tests: queries in the words of contracts, each with what must be printed of it. */
import { allOf, anyOf, microseconds, milliseconds, seconds, traceql, variable } from "#contract";
import { miniserve } from "#miniserve";
import { checkout } from "./traces/checkout.ts";

interface TraceqlText {
  readonly text: string;
}

const query = traceql(miniserve);
const handlers = query.spans("handler");
const decode = query.spans("decode");
const prefill = query.spans("prefill");
const everySpan = query.anySpan();
const shop = traceql(checkout);
const own = `resource.service.name = "miniserve"`;
const ofBuild = query.within((resource) => resource.serviceVersion.eq("9f2c1e0"));
const build = '{ resource.service.version = "9f2c1e0" }';

/** Conditions: one span each. */
export const printedConditions: readonly (readonly [TraceqlText, string])[] = [
  [everySpan, `{ ${own} }`],
  [decode, `{ ${own} && name = "llm.decode" }`],
  [
    query.spans(["tokenize", "prefill"], (a) => a.tokensIn.gt(1000)),
    `{ ${own} && (name = "tokenize.input" || name = "llm.prefill") && span.llm.tokens.in > 1000 }`,
  ],
  [query.anySpan((a) => a.tokensOut.eq(0)), `{ ${own} && span.llm.tokens.out = 0 }`],
  [
    query.spans("decode", (a) => a.meanStepMs.gt(50)),
    `{ ${own} && name = "llm.decode" && span.llm.decode.mean_step_ms + 0 > 50 }`,
  ],
  [
    query.anySpan((a) => a.meanStepMs.lte(1e-7)),
    `{ ${own} && span.llm.decode.mean_step_ms + 0 <= 0.0000001 }`,
  ],
  [
    query.anySpan((a) => allOf([a.meanStepMs.lt(0.25), a.tokensOut.gt(-1)])),
    `{ ${own} && span.llm.decode.mean_step_ms + 0 < 0.25 && span.llm.tokens.out > -1 }`,
  ],
  [
    query.anySpan((a) => a.tokensOut.eq(0).or(a.docsRetrieved.eq(0).and(a.docsReranked.eq(0)))),
    `{ ${own} && (span.llm.tokens.out = 0 || (span.rag.docs.retrieved = 0 && span.rag.docs.reranked = 0)) }`,
  ],
  [
    query.anySpan((a) => anyOf([a.cacheHits.eq(1), a.cacheHits.eq(2)]).and(a.tokensIn.isNotNull())),
    `{ ${own} && (span.llm.cache.hits = 1 || span.llm.cache.hits = 2) && span.llm.tokens.in != nil }`,
  ],
  [
    query.spans("decode", (a) => a.stopReason.isOneOf("stop", "length")),
    `{ ${own} && name = "llm.decode" && (span.llm.stop_reason = "stop" || span.llm.stop_reason = "length") }`,
  ],
  [
    query.spans("handler", (a) => a.errorType.isNull().and(a.streamed.eq(true))),
    `{ ${own} && name = "http.handler" && span.error.type = nil && span.llm.request.streamed = true }`,
  ],
  [
    query.spans("handler", (a) => a.model.eq('a"b\\c$x')),
    `{ ${own} && name = "http.handler" && span.llm.model = "a\\"b\\\\c$x" }`,
  ],
  [
    query.spans("handler", (a) => a.model.matches(/Smol.*\.Q4_1/i)),
    `{ ${own} && name = "http.handler" && span.llm.model =~ \`(?i)Smol.*\\.Q4_1\` }`,
  ],
  [
    query.spans("handler", (a) => a.model.matchesNot(/a`b\.c/)),
    `{ ${own} && name = "http.handler" && span.llm.model !~ "a\`b\\\\.c" }`,
  ],
  [
    query.anySpan((a) => a.cacheHits.add(a.cacheMisses).ne(a.tokensIn)),
    `{ ${own} && span.llm.cache.hits + span.llm.cache.misses != span.llm.tokens.in }`,
  ],
  [
    query.anySpan((a) => a.cacheHits.add(a.cacheMisses).add(1).mul(2).gt(a.tokensIn)),
    `{ ${own} && (span.llm.cache.hits + span.llm.cache.misses + 1) * 2 > span.llm.tokens.in }`,
  ],
  [
    query.anySpan((a) => a.tokensIn.sub(a.cacheHits.add(a.cacheMisses)).ne(0)),
    `{ ${own} && span.llm.tokens.in - (span.llm.cache.hits + span.llm.cache.misses) != 0 }`,
  ],
  [
    query.spans("decode", (a) => a.decodeSteps.lt(a.meanStepMs)),
    `{ ${own} && name = "llm.decode" && span.llm.decode.steps < span.llm.decode.mean_step_ms + 0 }`,
  ],
  [
    query.spans("decode", (a, span) => span.duration.div(a.tokensOut).gt(milliseconds(20))),
    `{ ${own} && name = "llm.decode" && duration / span.llm.tokens.out > 20ms }`,
  ],
  [
    query.spans("prefill", (_, span) => span.duration.gt(span.traceDuration.mul(0.5))),
    `{ ${own} && name = "llm.prefill" && duration > trace:duration * 0.5 }`,
  ],
  [
    query.anySpan((_, span) => span.duration.gte(seconds(1.5)).and(span.status.eq("error"))),
    `{ ${own} && duration >= 1500ms && status = error }`,
  ],
  [
    query.anySpan((_, span) => span.duration.lt(microseconds(0.5)).and(span.kind.eq("server"))),
    `{ ${own} && duration < 500ns && kind = server }`,
  ],
  [
    query.anySpan((_, span) => span.name.ne("handler").and(span.duration.gt(seconds(7200)))),
    `{ ${own} && name != "http.handler" && duration > 2h }`,
  ],
  [
    query.anySpan((_, span) => span.traceId.eq(variable.text("traceId"))),
    `{ ${own} && trace:id = "$traceId" }`,
  ],
  [
    query.anySpan((a) => a.tokensOut.lte(variable.number("threshold"))),
    `{ ${own} && span.llm.tokens.out <= $threshold }`,
  ],
  [
    query
      .within((resource) => resource.serviceVersion.matches(variable.pattern("version")))
      .spans("decode"),
    `{ ${own} && resource.service.version =~ \`\${version:regex}\` && name = "llm.decode" }`,
  ],
  [traceql(miniserve, { service: "canary" }).anySpan(), `{ resource.service.name = "canary" }`],
  [
    traceql(miniserve, { service: variable.pattern("service") }).anySpan(),
    `{ resource.service.name =~ \`\${service:regex}\` }`,
  ],
  [
    shop.spans("pay", (a) => a.payment.eq("declined").and(a.amount.gt(99.5))),
    `{ resource.service.name = "checkout" && name = "payment.charge" && span.shop.payment.state = "declined" && span.shop.amount + 0 > 99.5 }`,
  ],
];

const handlersText = `{ ${own} && name = "http.handler" }`;
const decodeText = `{ ${own} && name = "llm.decode" }`;
const prefillText = `{ ${own} && name = "llm.prefill" }`;

/** Relations, pipelines and metrics. */
export const printedQueries: readonly (readonly [TraceqlText, string])[] = [
  [decode.related("child", handlers), `${handlersText} > ${decodeText}`],
  [decode.related("descendant", handlers), `${handlersText} >> ${decodeText}`],
  [handlers.related("parent", decode), `${decodeText} < ${handlersText}`],
  [handlers.related("ancestor", decode), `${decodeText} << ${handlersText}`],
  [decode.related("sibling", prefill), `${prefillText} ~ ${decodeText}`],
  [decode.unrelated("child", handlers), `${handlersText} !> ${decodeText}`],
  [decode.unrelated("descendant", handlers), `${handlersText} !>> ${decodeText}`],
  [handlers.unrelated("parent", decode), `${decodeText} !< ${handlersText}`],
  [handlers.unrelated("ancestor", decode), `${decodeText} !<< ${handlersText}`],
  [decode.unrelated("sibling", prefill), `${prefillText} !~ ${decodeText}`],
  [
    handlers.related("parent", decode, { keep: "both" }).select("stopReason", "route"),
    `${decodeText} &< ${handlersText} | select(span.llm.stop_reason, span.http.route)`,
  ],
  [
    handlers.unrelated("parent", decode).or(handlers.unrelated("parent", prefill)).and(decode),
    `((${decodeText} !< ${handlersText}) || (${prefillText} !< ${handlersText})) && ${decodeText}`,
  ],
  [
    decode.select("stopReason", query.span.name, query.resource.serviceVersion),
    `${decodeText} | select(span.llm.stop_reason, name, resource.service.version)`,
  ],
  [
    everySpan.by(query.span.name).count().gt(2).select("model"),
    `{ ${own} } | by(name) | count() > 2 | select(span.llm.model)`,
  ],
  [
    decode.avg("meanStepMs").gte(40.5).with({ mostRecent: true }),
    `${decodeText} | avg(span.llm.decode.mean_step_ms) >= 40.5 with (most_recent=true)`,
  ],
  [decode.max(query.span.duration).gt(seconds(1)), `${decodeText} | max(duration) > 1s`],
  [decode.min("tokensOut").lt(1), `${decodeText} | min(span.llm.tokens.out) < 1`],
  [decode.sum("tokensOut").lte(3), `${decodeText} | sum(span.llm.tokens.out) <= 3`],
  [everySpan.count().eq(5), `{ ${own} } | count() = 5`],
  [decode.rate(), `${decodeText} | rate()`],
  [
    decode.countOverTime().by("stopReason", query.resource.serviceVersion),
    `${decodeText} | count_over_time() by (span.llm.stop_reason, resource.service.version)`,
  ],
  [
    decode.avgOverTime("meanStepMs").by("model").topK(3),
    `${decodeText} | avg_over_time(span.llm.decode.mean_step_ms) by (span.llm.model) | topk(3)`,
  ],
  [
    decode.minOverTime("tokensOut").bottomK(2),
    `${decodeText} | min_over_time(span.llm.tokens.out) | bottomk(2)`,
  ],
  [decode.maxOverTime(query.span.duration), `${decodeText} | max_over_time(duration)`],
  [decode.sumOverTime("tokensOut"), `${decodeText} | sum_over_time(span.llm.tokens.out)`],
  [
    handlers.quantileOverTime("timeToFirstTokenUs", 0.5, 0.95).by("route"),
    `${handlersText} | quantile_over_time(span.llm.request.time_to_first_token_us, 0.5, 0.95) by (span.http.route)`,
  ],
  [
    handlers.histogramOverTime(query.span.duration),
    `${handlersText} | histogram_over_time(duration)`,
  ],
  // What is chosen holds for what is found, not for what it is related to.
  [
    ofBuild.spans("decode").related("child", ofBuild.spans("handler")).rate(),
    `${handlersText} > ${decodeText} | ${build} | rate()`,
  ],
  [
    ofBuild
      .spans("decode")
      .unrelated("sibling", ofBuild.spans("prefill"))
      .or(ofBuild.spans("decode").related("child", ofBuild.spans("handler"))),
    `(${prefillText} !~ ${decodeText}) || (${handlersText} > ${decodeText}) | ${build}`,
  ],
  [
    ofBuild
      .spans("handler")
      .related(
        "parent",
        ofBuild.spans("decode").related("sibling", ofBuild.spans("prefill"), { keep: "both" }),
      ),
    `(${prefillText} &~ ${decodeText}) < ${handlersText} | ${build}`,
  ],
  [
    ofBuild
      .spans("decode")
      .related("child", ofBuild.spans("handler"), { keep: "both" })
      .select("model"),
    `${handlersText} &> ${decodeText} | ${build} | select(span.llm.model)`,
  ],
  [decode.related("child", handlers).rate(), `${handlersText} > ${decodeText} | rate()`],
  [
    shop.spans("pay").countOverTime().by("payment"),
    `{ resource.service.name = "checkout" && name = "payment.charge" } | count_over_time() by (span.shop.payment.state)`,
  ],
];

/** What `@grafana/lezer-traceql` 1.0.0 refuses, though Tempo answers it. */
export const printedBeyondGrammar: readonly (readonly [TraceqlText, string])[] = [
  [
    query.spans("handler", (a) => a.model.eq("a\nb\u0007\u2028")),
    `{ ${own} && name = "http.handler" && span.llm.model = "a\\nb\\u0007\\u2028" }`,
  ],
  [decode.countOverTime().gt(3), `${decodeText} | count_over_time() > 3`],
  [
    handlers.maxOverTime(query.span.duration).by("route").gte(milliseconds(1500)),
    `${handlersText} | max_over_time(duration) by (span.http.route) >= 1500ms`,
  ],
  [
    decode.rate().by("model").with({ exemplars: true, sample: 0.1 }),
    `${decodeText} | rate() by (span.llm.model) with (exemplars=true, sample=0.1)`,
  ],
];
