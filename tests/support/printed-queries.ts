/** For tests: queries in the words of contracts, each with what must be printed of it. */
import {
  allOf,
  anyOf,
  microseconds,
  milliseconds,
  miniserve,
  seconds,
  traceql,
  variable,
} from "#contract";
import { checkout } from "./traces/checkout.ts";

interface Printed {
  readonly text: string;
}

const query = traceql(miniserve);
const handlers = query.spans("handler");
const decode = query.spans("decode");
const prefill = query.spans("prefill");
const everySpan = query.anySpan();
const shop = traceql(checkout);
const own = `resource.service.name = "miniserve"`;
const ofBuild = query.within((resource) => resource.serviceVersion.is("9f2c1e0"));
const build = '{ resource.service.version = "9f2c1e0" }';

/** Conditions: one span each. */
export const printedConditions: readonly (readonly [Printed, string])[] = [
  [everySpan, `{ ${own} }`],
  [decode, `{ ${own} && name = "llm.decode" }`],
  [
    query.spans(["tokenize", "prefill"], (a) => a.tokensIn.above(1000)),
    `{ ${own} && (name = "tokenize.input" || name = "llm.prefill") && span.llm.tokens.in > 1000 }`,
  ],
  [query.anySpan((a) => a.tokensOut.is(0)), `{ ${own} && span.llm.tokens.out = 0 }`],
  [
    query.spans("decode", (a) => a.meanStepMs.above(50)),
    `{ ${own} && name = "llm.decode" && span.llm.decode.mean_step_ms + 0 > 50 }`,
  ],
  [
    query.anySpan((a) => a.meanStepMs.atMost(1e-7)),
    `{ ${own} && span.llm.decode.mean_step_ms + 0 <= 0.0000001 }`,
  ],
  [
    query.anySpan((a) => allOf([a.meanStepMs.below(0.25), a.tokensOut.above(-1)])),
    `{ ${own} && span.llm.decode.mean_step_ms + 0 < 0.25 && span.llm.tokens.out > -1 }`,
  ],
  [
    query.anySpan((a) => a.tokensOut.is(0).or(a.docsRetrieved.is(0).and(a.docsReranked.is(0)))),
    `{ ${own} && (span.llm.tokens.out = 0 || (span.rag.docs.retrieved = 0 && span.rag.docs.reranked = 0)) }`,
  ],
  [
    query.anySpan((a) => anyOf([a.cacheHits.is(1), a.cacheHits.is(2)]).and(a.tokensIn.isSet())),
    `{ ${own} && (span.llm.cache.hits = 1 || span.llm.cache.hits = 2) && span.llm.tokens.in != nil }`,
  ],
  [
    query.spans("decode", (a) => a.stopReason.isOneOf("stop", "length")),
    `{ ${own} && name = "llm.decode" && (span.llm.stop_reason = "stop" || span.llm.stop_reason = "length") }`,
  ],
  [
    query.spans("handler", (a) => a.errorType.isMissing().and(a.streamed.is(true))),
    `{ ${own} && name = "http.handler" && span.error.type = nil && span.llm.request.streamed = true }`,
  ],
  [
    query.spans("handler", (a) => a.model.is('a"b\\c$x')),
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
    query.anySpan((a) => a.cacheHits.plus(a.cacheMisses).isNot(a.tokensIn)),
    `{ ${own} && span.llm.cache.hits + span.llm.cache.misses != span.llm.tokens.in }`,
  ],
  [
    query.anySpan((a) => a.cacheHits.plus(a.cacheMisses).plus(1).times(2).above(a.tokensIn)),
    `{ ${own} && (span.llm.cache.hits + span.llm.cache.misses + 1) * 2 > span.llm.tokens.in }`,
  ],
  [
    query.anySpan((a) => a.tokensIn.minus(a.cacheHits.plus(a.cacheMisses)).isNot(0)),
    `{ ${own} && span.llm.tokens.in - (span.llm.cache.hits + span.llm.cache.misses) != 0 }`,
  ],
  [
    query.spans("decode", (a) => a.decodeSteps.below(a.meanStepMs)),
    `{ ${own} && name = "llm.decode" && span.llm.decode.steps < span.llm.decode.mean_step_ms + 0 }`,
  ],
  [
    query.spans("decode", (a, span) =>
      span.duration.dividedBy(a.tokensOut).above(milliseconds(20)),
    ),
    `{ ${own} && name = "llm.decode" && duration / span.llm.tokens.out > 20ms }`,
  ],
  [
    query.spans("prefill", (_, span) => span.duration.above(span.traceDuration.times(0.5))),
    `{ ${own} && name = "llm.prefill" && duration > trace:duration * 0.5 }`,
  ],
  [
    query.anySpan((_, span) => span.duration.atLeast(seconds(1.5)).and(span.status.is("error"))),
    `{ ${own} && duration >= 1500ms && status = error }`,
  ],
  [
    query.anySpan((_, span) => span.duration.below(microseconds(0.5)).and(span.kind.is("server"))),
    `{ ${own} && duration < 500ns && kind = server }`,
  ],
  [
    query.anySpan((_, span) => span.name.isNot("handler").and(span.duration.above(seconds(7200)))),
    `{ ${own} && name != "http.handler" && duration > 2h }`,
  ],
  [
    query.anySpan((_, span) => span.traceId.is(variable.text("traceId"))),
    `{ ${own} && trace:id = "$traceId" }`,
  ],
  [
    query.anySpan((a) => a.tokensOut.atMost(variable.number("threshold"))),
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
    shop.spans("pay", (a) => a.payment.is("declined").and(a.amount.above(99.5))),
    `{ resource.service.name = "checkout" && name = "payment.charge" && span.shop.payment.state = "declined" && span.shop.amount + 0 > 99.5 }`,
  ],
];

const handlersText = `{ ${own} && name = "http.handler" }`;
const decodeText = `{ ${own} && name = "llm.decode" }`;
const prefillText = `{ ${own} && name = "llm.prefill" }`;

/** Relations, pipelines and metrics. */
export const printedQueries: readonly (readonly [Printed, string])[] = [
  [decode.childOf(handlers), `${handlersText} > ${decodeText}`],
  [decode.descendantOf(handlers), `${handlersText} >> ${decodeText}`],
  [handlers.parentOf(decode), `${decodeText} < ${handlersText}`],
  [handlers.ancestorOf(decode), `${decodeText} << ${handlersText}`],
  [decode.siblingOf(prefill), `${prefillText} ~ ${decodeText}`],
  [decode.notChildOf(handlers), `${handlersText} !> ${decodeText}`],
  [decode.notDescendantOf(handlers), `${handlersText} !>> ${decodeText}`],
  [handlers.withoutChild(decode), `${decodeText} !< ${handlersText}`],
  [handlers.withoutDescendant(decode), `${decodeText} !<< ${handlersText}`],
  [decode.withoutSibling(prefill), `${prefillText} !~ ${decodeText}`],
  [
    handlers.parentOf(decode, { keep: "both" }).select("stopReason", "route"),
    `${decodeText} &< ${handlersText} | select(span.llm.stop_reason, span.http.route)`,
  ],
  [
    handlers.withoutChild(decode).or(handlers.withoutChild(prefill)).and(decode),
    `((${decodeText} !< ${handlersText}) || (${prefillText} !< ${handlersText})) && ${decodeText}`,
  ],
  [
    decode.select("stopReason", query.span.name, query.resource.serviceVersion),
    `${decodeText} | select(span.llm.stop_reason, name, resource.service.version)`,
  ],
  [
    everySpan.by(query.span.name).count().above(2).select("model"),
    `{ ${own} } | by(name) | count() > 2 | select(span.llm.model)`,
  ],
  [
    decode.average("meanStepMs").atLeast(40.5).with({ mostRecent: true }),
    `${decodeText} | avg(span.llm.decode.mean_step_ms) >= 40.5 with (most_recent=true)`,
  ],
  [decode.maximum(query.span.duration).above(seconds(1)), `${decodeText} | max(duration) > 1s`],
  [decode.minimum("tokensOut").below(1), `${decodeText} | min(span.llm.tokens.out) < 1`],
  [decode.sum("tokensOut").atMost(3), `${decodeText} | sum(span.llm.tokens.out) <= 3`],
  [everySpan.count().is(5), `{ ${own} } | count() = 5`],
  [decode.rate(), `${decodeText} | rate()`],
  [
    decode.countOverTime().by("stopReason", query.resource.serviceVersion),
    `${decodeText} | count_over_time() by (span.llm.stop_reason, resource.service.version)`,
  ],
  [
    decode.averageOverTime("meanStepMs").by("model").topK(3),
    `${decodeText} | avg_over_time(span.llm.decode.mean_step_ms) by (span.llm.model) | topk(3)`,
  ],
  [
    decode.minimumOverTime("tokensOut").bottomK(2),
    `${decodeText} | min_over_time(span.llm.tokens.out) | bottomk(2)`,
  ],
  [decode.maximumOverTime(query.span.duration), `${decodeText} | max_over_time(duration)`],
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
    ofBuild.spans("decode").childOf(ofBuild.spans("handler")).rate(),
    `${handlersText} > ${decodeText} | ${build} | rate()`,
  ],
  [
    ofBuild
      .spans("decode")
      .withoutSibling(ofBuild.spans("prefill"))
      .or(ofBuild.spans("decode").childOf(ofBuild.spans("handler"))),
    `(${prefillText} !~ ${decodeText}) || (${handlersText} > ${decodeText}) | ${build}`,
  ],
  [
    ofBuild
      .spans("handler")
      .parentOf(ofBuild.spans("decode").siblingOf(ofBuild.spans("prefill"), { keep: "both" })),
    `(${prefillText} &~ ${decodeText}) < ${handlersText} | ${build}`,
  ],
  [
    ofBuild.spans("decode").childOf(ofBuild.spans("handler"), { keep: "both" }).select("model"),
    `${handlersText} &> ${decodeText} | ${build} | select(span.llm.model)`,
  ],
  [decode.childOf(handlers).rate(), `${handlersText} > ${decodeText} | rate()`],
  [
    shop.spans("pay").countOverTime().by("payment"),
    `{ resource.service.name = "checkout" && name = "payment.charge" } | count_over_time() by (span.shop.payment.state)`,
  ],
];

/** What `@grafana/lezer-traceql` 1.0.0 refuses, though Tempo answers it. */
export const printedBeyondGrammar: readonly (readonly [Printed, string])[] = [
  [
    query.spans("handler", (a) => a.model.is("a\nb\u0007\u2028")),
    `{ ${own} && name = "http.handler" && span.llm.model = "a\\nb\\u0007\\u2028" }`,
  ],
  [decode.countOverTime().above(3), `${decodeText} | count_over_time() > 3`],
  [
    handlers.maximumOverTime(query.span.duration).by("route").atLeast(milliseconds(1500)),
    `${handlersText} | max_over_time(duration) by (span.http.route) >= 1500ms`,
  ],
  [
    decode.rate().by("model").with({ exemplars: true, sample: 0.1 }),
    `${decodeText} | rate() by (span.llm.model) with (exemplars=true, sample=0.1)`,
  ],
];
