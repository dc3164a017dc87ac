import { counted } from "#contract";
import { defineErrors, varied } from "#errors";

/** What is set in this shell, or in the running server. */
interface OfVariable {
  readonly variable: string;
}

interface Counted {
  readonly count: number;
  readonly all: number;
  readonly service: string;
  /** The id of a trace, with the option that names its store. */
  readonly example: string;
}

const withLoopback = (host: string) =>
  [...new Set(["localhost", "127.0.0.1", "::1", host])].join(",");

const unset = ({ variable }: OfVariable) =>
  `unset ${variable}, then npm run stack:down and npm run stack:up.`;

/**
 * What only the doctor finds; what other commands can meet has the code that it has there. Exit 1 is a
 * problem, 0 a warning.
 */
export class Finding extends defineErrors("Finding", {
  dependencies_stale: {
    exit: 0,
    message: ({ reason }: { reason: string }) =>
      `The installed dependencies are not those of package-lock.json: ${reason}.`,
    hint: "npm run stack:down, if the stack runs; then any other command installs them.",
  },
  memory_low: {
    exit: 0,
    message: ({ free, needed }: { free: string; needed: string }) =>
      `${free} of memory is free, and the stack with its default model takes ${needed}.`,
    hint: "Stop other programs, or leave the server out: npm run stack:up -- --no-server.",
  },
  disk_low: {
    exit: 0,
    message: ({ folder, free }: { folder: string; free: string }) =>
      `The disk of ${folder} has ${free} left.`,
    hint: "Make room, or let the store keep less: STACK_SIZE_LIMIT_MIB, STACK_KEEP_HOURS.",
  },
  files_not_private: {
    exit: 0,
    message: ({ paths }: { paths: string }) => `Other users of this machine can read ${paths}.`,
    hint: "The next npm run stack:up takes that from them.",
  },
  generated_stale: {
    exit: 1,
    message: ({ count }: { count: number }) =>
      `Not as the contract says: ${counted(count, "generated file")}.`,
    hint: "npm run generate writes them; npm run generate -- --check lists them.",
  },
  tracing_off: {
    exit: 1,
    message: ({ variable, means }: OfVariable & { means: string }) =>
      `${variable} is set, so ${means}.`,
    hint: unset,
  },
  tracing_partial: {
    exit: 0,
    message: ({ variable, means }: OfVariable & { means: string }) =>
      `${variable} is set, so ${means}.`,
    hint: ({ variable }: OfVariable) => `unset ${variable}, unless that is what you want.`,
  },
  variable_ignored: {
    exit: 0,
    ...varied(
      "The server ignores a variable of OpenTelemetry's.",
      "docs/settings.md says what each takes.",
    ),
  },
  proxy_in_the_way: {
    exit: 1,
    message: ({ variable, host }: OfVariable & { host: string }) =>
      `${variable} is set, and ${host} is not excepted: what goes there goes to the proxy.`,
    hint: ({ exception, host }: { exception: string; host: string }) =>
      `export ${exception}=${withLoopback(host)}`,
  },
  proxy_before_localhost: {
    exit: 0,
    message: ({ variable, host }: OfVariable & { host: string }) =>
      `${variable} is set, and ${host} is not excepted: a service that is started in this shell sends its spans to the proxy.`,
    hint: ({ exception, host }: { exception: string; host: string }) =>
      `export ${exception}=${withLoopback(host)}`,
  },
  localhost_elsewhere: {
    exit: 1,
    message: ({ seen }: { seen: string }) => `The name localhost ${seen}.`,
    hint: "Let /etc/hosts have the lines: 127.0.0.1 localhost, and ::1 localhost.",
  },
  model_out_of_reach: {
    exit: 0,
    message: ({ source, reason }: { source: string; reason: string }) =>
      `The model is not on disk, and ${source} cannot be reached (${reason}).`,
    hint: "Fetch it elsewhere, and set MINISERVE_MODEL to the file. Without one, a tiny generated model answers nonsense, with real traces.",
  },
  model_generated: {
    exit: 0,
    message:
      "The default model is not on disk and MINISERVE_OFFLINE is 1: a tiny one answers, with nonsense.",
    hint: "unset MINISERVE_OFFLINE, or set MINISERVE_MODEL to a .gguf file. For traces alone it does not matter.",
  },
  stack_faulty: {
    exit: 1,
    message: ({ problem }: { problem: string }) => problem,
    hint: "npm run stack:logs -- store (or server, viewer, supervisor) says why; npm run stack:down, then stack:up starts anew.",
  },
  stack_notice: {
    exit: 0,
    message: ({ notice }: { notice: string }) => notice,
    hint: "npm run stack:logs says why. A server without a real model is good enough for traces.",
  },
  settings_changed: {
    exit: 0,
    message: ({ variables }: { variables: string }) =>
      `The stack was started with other settings than this shell has: ${variables}.`,
    hint: "To have them: npm run stack:down, then npm run stack:up.",
  },
  exporter_unreachable: {
    exit: 1,
    message: ({ address, reason }: { address: string; reason: string }) =>
      `Nothing takes spans at ${address} (${reason}).`,
    hint: ({ advice }: { advice: string }) => advice,
  },
  exporter_protocol_wrong: {
    exit: 1,
    message: ({ address, wanted, spoken }: { address: string; wanted: string; spoken: string }) =>
      `At ${address} is ${spoken}, and the spans are sent over ${wanted}.`,
    hint: "OTLP over gRPC is usually at port 4317, over HTTP at 4318; OTEL_EXPORTER_OTLP_PROTOCOL chooses between grpc and http/protobuf.",
  },
  exporter_path_wrong: {
    exit: 1,
    message: ({ address, status }: { address: string; status: string }) =>
      `${address} is no path for spans (${status}).`,
    hint: "OTEL_EXPORTER_OTLP_ENDPOINT ends before /v1/traces, which SDKs add; OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ends with it, for HTTP alone.",
  },
  exporter_elsewhere: {
    exit: 0,
    message: ({ variable, address }: OfVariable & { address: string }) =>
      `${variable} leads to ${address}, which is not the running stack's.`,
    hint: ({ variable }: OfVariable) =>
      `unset ${variable}; or look for the spans where they go: --tempo URL.`,
  },
  spans_lost: {
    exit: 1,
    message: ({ dropped }: { dropped: number }) =>
      `The server gave up ${counted(dropped, "span")}: no collector took them in time.`,
    hint: "npm run stack:logs shows export.outage_began with the reason.",
  },
  spans_waiting: {
    exit: 1,
    message: ({ waiting, failed }: { waiting: number; failed: number }) =>
      `Of the server's, ${counted(waiting, "span")} wait; ${counted(failed, "export")} were not taken.`,
    hint: "npm run stack:logs shows export.outage_began with the reason.",
  },
  exports_refused: {
    exit: 1,
    message: ({ count, reasons }: { count: number; reasons: string }) =>
      `The store refused ${counted(count, "export")}: ${reasons}.`,
    hint: "npm run stack:logs -- store says more; docs/stack.md says what is refused.",
  },
  spans_refused: {
    exit: 1,
    message: ({ reasons }: { reasons: string }) => `The store refused ${reasons}.`,
    hint: "Correct what sends them; docs/stack.md has the rules, npm run stack:logs -- store the lines.",
  },
  spans_changed: {
    exit: 0,
    message: ({ reasons }: { reasons: string }) => `The store changed ${reasons}.`,
    hint: "docs/stack.md says why each is changed; STACK_TEXT_LIMIT_BYTES is the longest text.",
  },
  spans_filtered: {
    exit: 0,
    message: ({ parts }: { parts: string }) => `STACK_ALLOW_LIST is on, and removed ${parts}.`,
    hint: "Declare them in the contract, or unset STACK_ALLOW_LIST.",
  },
  store_at_limit: {
    exit: 0,
    message: ({ size }: { size: string }) =>
      `The store has ${size}, which is its limit: the oldest spans go before their time.`,
    hint: "Set STACK_SIZE_LIMIT_MIB to more, or STACK_KEEP_HOURS to less.",
  },
  no_spans: {
    exit: 1,
    message: ({ since }: { since: string }) => `The store has no span of the last ${since}.`,
    hint: ({ address }: { address: string }) =>
      `Let the service send to ${address}: OTEL_EXPORTER_OTLP_ENDPOINT. A short program must shut its SDK down before it ends, or its last spans are lost. With the server, npm run verify sends a request and says where its trace is lost.`,
  },
  clock_ahead: {
    exit: 1,
    message: ({ service, ahead }: { service: string; ahead: string }) =>
      `${service} sends spans from the future: ${ahead} ahead of this machine.`,
    hint: "Set the clock where it runs (timedatectl status; chronyc tracking). Until then no query up to now finds them.",
  },
  clock_behind: {
    exit: 0,
    message: ({ behind }: { behind: string }) =>
      `Spans came in since the store started, and the newest ended ${behind} before that.`,
    hint: "Set the clock of what sends them (timedatectl status), unless old spans were sent again.",
  },
  clock_differs: {
    exit: 0,
    message: ({ name, difference }: { name: string; difference: string }) =>
      `The clock of ${name} is ${difference} this machine's.`,
    hint: "Set both (timedatectl status; chronyc tracking).",
  },
  orphan_spans: {
    exit: 1,
    message: ({ service, count, all, rootless }: Counted & { rootless: number }) =>
      `A span's parent is missing in ${count} of ${counted(all, "trace")} of ${service}${rootless === 0 ? "" : `, without any root in ${rootless}`}.`,
    hint: ({ example }: Counted) =>
      `npm run trace:show -- ${example} shows one. Who calls must send its spans too, and end them.`,
  },
  contract_broken: {
    exit: 1,
    message: ({ service, count, all }: Counted) =>
      `The contract is broken in ${count} of ${counted(all, "trace")} of ${service}.`,
    hint: ({ choice, example }: Counted & { choice: string }) =>
      `npm run contract:check -- ${choice} lists how; npm run trace:show -- ${example} shows one.`,
  },
  attributes_dropped: {
    exit: 1,
    message: ({ service, count, all }: Counted) =>
      `The SDK left out attributes, events or links in ${count} of ${counted(all, "trace")} of ${service}: a limit was reached.`,
    hint: ({ example }: Counted) =>
      `npm run trace:show -- ${example} shows one. Raise OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT (128), OTEL_SPAN_EVENT_COUNT_LIMIT, OTEL_SPAN_LINK_COUNT_LIMIT where it runs.`,
  },
  attributes_cut: {
    exit: 0,
    message: ({ key, service, length }: { key: string; service: string; length: number }) =>
      `Values of ${key} of ${service} end at ${length} characters: they look cut.`,
    hint: ({ example }: { example: string }) =>
      `npm run trace:show -- ${example} shows one. Raise OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT where it runs.`,
  },
  lines_without_trace: {
    exit: 1,
    message: ({ count, file, event }: { count: number; file: string; event: string }) =>
      `In ${file}, ${counted(count, "line")} of requests ${count === 1 ? "has" : "have"} no trace id, the last of ${event}.`,
    hint: "npm run verify names the lines of a request that lack it; npm run stack:logs -- --raw shows them.",
  },
  trace_not_stored: {
    exit: 1,
    message: ({ traceId, file }: { traceId: string; file: string }) =>
      `The newest request in ${file} has the trace ${traceId}, which the store does not have.`,
    hint: "Is the server's sampler off, or does it send elsewhere? npm run verify sends a request and says.",
  },
  grafana_lacks: {
    exit: 1,
    message: ({ missing, differing }: { missing: number; differing: number }) =>
      `Grafana lacks ${counted(missing, "object")} of ours, and ${differing} differ from the generated files.`,
    hint: ({ url }: { url: string }) =>
      `npm run provision -- --grafana ${url} --dry-run shows which; without --dry-run it puts them there.`,
  },
  grafana_files_differ: {
    exit: 1,
    message: ({ count }: { count: number }) =>
      `Grafana reads ${counted(count, "dashboard")} from files that are not the generated ones.`,
    hint: "npm run generate, then give Grafana the files of dashboards/generated and provisioning/generated/grafana.",
  },
  grafana_foreign: {
    exit: 0,
    message: ({ count }: { count: number }) =>
      `Somebody else's: ${counted(count, "object")} of those that Grafana should have.`,
    hint: "npm run provision -- --grafana URL --dry-run says of each what to do; to use a datasource as it is: --tempo-uid UID, --loki-uid, --prometheus-uid.",
  },
  grafana_plugin_missing: {
    exit: 1,
    message: "Grafana lacks the plugin tempo.",
    hint: "grafana cli plugins install tempo",
  },
  datasource_unhealthy: {
    exit: 1,
    message: ({ uid, reason }: { uid: string; reason: string }) =>
      `Grafana's datasource ${uid} does not work: ${reason}`,
    hint: ({ type }: { type: string }) =>
      `Its address is Grafana's way to it: in a container, localhost is the container. npm run provision -- --${type}-url URL sets it, unless it is read from a file.`,
  },
  check_unfinished: {
    exit: 0,
    message: ({ seconds }: { seconds: number }) => `It gave no answer within ${seconds} s.`,
    hint: "Run npm run doctor again when the machine is less busy.",
  },
  check_broken: {
    exit: 1,
    message: ({ reason }: { reason: string }) => `This check itself failed: ${reason}`,
    hint: "Please report it with this line.",
  },
}) {}
