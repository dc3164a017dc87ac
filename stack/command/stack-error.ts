import { constants } from "node:os";
import { defineErrors, varied } from "#errors";

const runsWith = "npm run stack:status says how it is.";

/** What a command of the stack, or of scripts/, can meet. */
export class StackError extends defineErrors("StackError", {
  usage_invalid: {
    exit: 2,
    ...varied(
      "An option or argument is invalid.",
      "The command with -- --help behind it lists what it takes.",
    ),
  },
  configuration_invalid: {
    exit: 2,
    ...varied(
      "A setting is invalid. Each is listed on its own line.",
      "docs/generated/settings.md lists what each takes.",
    ),
  },
  driver_unavailable: {
    exit: 2,
    message: "Neither docker nor podman answers with Compose.",
    hint: "Start the engine, and install its Compose plugin; or leave --driver out for the embedded stack, which needs no containers.",
  },
  containers_failed: {
    exit: 1,
    ...varied(
      "The containers could not be started or stopped. The engine's last lines are shown.",
      "Look at those lines. What was started is stopped again.",
    ),
  },
  already_starting: {
    exit: 2,
    ...varied(
      "Another stack:up is running, or the stack is still stopping.",
      "Try again when it is done; npm run stack:status says.",
    ),
  },
  running_differently: {
    exit: 1,
    message: ({ difference }: { difference: string }) => `The stack runs already, ${difference}.`,
    hint: ({ wanted }: { wanted: string }) =>
      `Stop it with npm run stack:down, then start it with ${wanted}.`,
  },
  port_in_use: {
    exit: 2,
    ...varied(
      "A port cannot be used. Each is listed on its own line.",
      "Stop what uses it, or give the variable another port.",
    ),
  },
  model_unavailable: {
    exit: 2,
    ...varied(
      "The model could not be prepared, for a reason that has no code.",
      "The lines above say why. Nothing was started.",
    ),
  },
  child_failed: {
    exit: 1,
    ...varied(
      "The store or the server did not become ready. Its last lines are shown.",
      "Everything that was started is stopped again. npm run stack:logs shows all its lines.",
    ),
  },
  supervisor_failed: {
    exit: 1,
    ...varied(
      "The supervisor process ended.",
      "Everything that was started is stopped again. npm run stack:logs -- supervisor shows all its lines.",
    ),
  },
  stop_failed: {
    exit: 1,
    message: ({ file }: { file: string }) =>
      `${file} is still there: another stack:up may have just begun.`,
    hint: runsWith,
  },
  interrupted: {
    exit: ({ signal }: { signal: NodeJS.Signals }) => 128 + constants.signals[signal],
    message: ({ signal }: { signal: NodeJS.Signals }) => `Interrupted by ${signal}.`,
    hint: ({ hint = "Run the same command again." }: { hint?: string }) => hint,
  },
  not_running: {
    exit: 2,
    ...varied(
      "The stack is not running, or runs without the server.",
      "npm run stack:up starts it.",
    ),
  },
  nothing_logged: {
    exit: 1,
    message: ({ file }: { file: string }) => `${file} has no line of a request.`,
    hint: ({ command }: { command: string }) => `Send one, or name a trace: ${command} -- TRACE_ID`,
  },
  trace_not_logged: {
    exit: 1,
    message: ({ file }: { file: string }) => `${file} has no line of that trace.`,
    hint: "An answer has its trace id in the header X-Trace-Id; without --trace all is shown.",
  },
  server_unreachable: {
    exit: 2,
    message: ({ server, reason }: { server: string; reason: string }) =>
      `The server at ${server} gave no answer (${reason}).`,
    hint: "Is it running? npm run stack:status says.",
  },
  request_refused: {
    exit: 1,
    message: ({ answer, route }: { answer: string; route: string }) =>
      `The server answered ${answer} to a sample request to ${route}.`,
    hint: "npm run stack:logs shows what happened.",
  },
  key_refused: {
    exit: 2,
    message: "The server does not accept the API key of the sample request.",
    hint: "Set MINISERVE_API_KEY to the server's key.",
  },
  not_traced: {
    exit: 1,
    message: "The answer has no X-Trace-Id: the server does not export this trace.",
    hint: "Look at OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER and OTEL_TRACES_SAMPLER.",
  },
  store_unreachable: {
    exit: 2,
    message: ({ address, reason }: { address: string; reason: string }) =>
      `The trace store at ${address} cannot be used: ${reason}.`,
    hint: "Is it running? npm run stack:status says.",
  },
  source_unreachable: {
    exit: 2,
    message: ({ name, address, reason }: { name: string; address: string; reason: string }) =>
      `${name} at ${address} cannot be asked: ${reason}.`,
    hint: "Is the address right, with its path, and may this machine ask there?",
  },
  trace_not_found: {
    exit: 1,
    message: ({ traceId }: { traceId: string }) => `The store has no trace ${traceId}.`,
    hint: ({
      hint = "A trace of a moment ago may need a second; one of another stack is not there.",
    }: {
      hint?: string;
    }) => hint,
  },
  registry_invalid: {
    exit: 2,
    ...varied(
      "The Weaver registry cannot be read. Each fault is listed on its own line.",
      "Correct the files. If what they refer to is in another registry, name its folder with --dependency.",
    ),
  },
  query_refused: {
    exit: 2,
    message: ({ status, answer }: { status: number; answer: string }) =>
      `The store refused the query (${status}): ${answer}`,
    hint: "Correct the query; docs/traceql.md says what the store answers.",
  },
  query_unknown: {
    exit: 2,
    message: ({ id }: { id: string }) => `There is no saved query ${id}.`,
    hint: ({ nearest }: { nearest: string | undefined }) =>
      `Did you mean ${nearest}? npm run query -- --list shows all.`,
  },
  index_unknown: {
    exit: 1,
    message: ({ name, directory, known }: { name: string; directory: string; known: string }) =>
      `There is no index ${name} in ${directory}. Known are: ${known}.`,
    hint: "npm run index -- --list shows them.",
  },
  index_failed: {
    exit: 1,
    message: ({ reason }: { reason: string }) => `The index could not be made (${reason}).`,
    hint: "What there was of it is as before. Check that documents and folder are readable.",
  },
  services_unreadable: {
    exit: 2,
    message: ({ file, reason }: { file: string; reason: string }) =>
      `The configuration ${file} cannot be used: ${reason}`,
    hint: "Its default export is made by defineConfig; --config FILE or MINISERVE_CONFIG names another file.",
  },
  contracts_invalid: {
    exit: 2,
    message: ({ file }: { file: string }) =>
      `The contracts of ${file} contradict themselves or each other. Each reason is listed on its own line.`,
    hint: "Correct them where they are declared. Nothing was written or started.",
  },
  service_unknown: {
    exit: 2,
    message: ({ name, file }: { name: string; file: string }) => `${file} has no service ${name}.`,
    hint: ({ known }: { known: string }) => `Give one that it has: ${known}.`,
  },
  service_not_seen: {
    exit: 1,
    message: ({ service, since }: { service: string; since: string }) =>
      `The store has no trace of ${service} from the last ${since}.`,
    hint: ({ advice }: { advice: string }) => advice,
  },
  requests_missing: {
    exit: 1,
    message: ({ service, count }: { service: string; count: number }) =>
      `None of ${count} traces has a complete request of ${service}: spans have lost their parents, or their names have ids in them.`,
    hint: "Look at one with npm run trace:show. A request that still runs is not complete either.",
  },
  contract_unreadable: {
    exit: 2,
    message: ({ file, reason }: { file: string; reason: string }) =>
      `${file} cannot be read as a contract: ${reason}`,
    hint: "Correct it, or write another file with --out.",
  },
  generation_impossible: {
    exit: 2,
    ...varied(
      "Files cannot be generated from the contract. Each reason is listed on its own line.",
      "Correct them in contract/. Nothing was written.",
    ),
  },
  export_failed: {
    exit: 1,
    message: ({ reason }: { reason: string }) => `The export broke off: ${reason}`,
    hint: "The files that were written so far are whole. Look at the free space of the disk; npm run stack:logs -- store says more.",
  },
  tests_fail: {
    exit: 2,
    message: ({ target }: { target: string }) =>
      `The tests of "${target}" fail without any fault, so they cannot notice one.`,
    hint: ({ files }: { files: string }) => `Run npm test -- ${files}.`,
  },
  python_missing: {
    exit: 2,
    message: ({ seen }: { seen: string }) => `The example needs Python 3.10 or newer (${seen}).`,
    hint: "Install one, on Debian and Ubuntu with apt-get install python3 python3-venv; or name one: --python PATH.",
  },
  python_packages_failed: {
    exit: 2,
    ...varied(
      "The Python packages of the example could not be installed. The last lines of the output are shown.",
      "Check the network and pip's settings, then run the same command again.",
    ),
  },
  package_failed: {
    exit: 1,
    message: "The package cannot be built. The last words of the compiler or of npm are listed.",
    hint: "npm run check says what is wrong with the sources; then run the same command again.",
  },
  example_failed: {
    exit: 2,
    message: "The example's service could not run. Its last lines are above.",
    hint: "If its port is in use, give --serve another one.",
  },
  demo_server_failed: {
    exit: 2,
    message: "The demo's own server did not start.",
    hint: "npm run doctor looks for what a server needs. The stack's own server is not touched.",
  },
  file_unreadable: {
    exit: 2,
    ...varied(
      "A file cannot be read or has the wrong content.",
      "Name another, or make it readable.",
    ),
  },
  file_unwritable: {
    exit: 2,
    ...varied(
      "A file or folder cannot be written.",
      "Make it writable for this user, or name another.",
    ),
  },
  disk_full: {
    exit: 1,
    ...varied("A disk is full.", "Make room, then run the same command again."),
  },
  too_many_files: {
    exit: 2,
    ...varied(
      "The system's limit of open files is reached.",
      "Close other programs, or raise the limit (ulimit -n), then run the same command again.",
    ),
  },
}) {}
