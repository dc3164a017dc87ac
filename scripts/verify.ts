import { withoutCredentials } from "#contract";
import { miniserve } from "#miniserve";
import {
  type CommandCall,
  type CommandResult,
  findRunningStack,
  readStackConfig,
  runCommand,
} from "../stack/index.ts";
import { checkRequest, titles } from "./verify/checks.ts";
import { printChecklist } from "./verify/print.ts";
import { makeRequests } from "./verify/requests.ts";

const options = {
  server: { type: "string", value: "URL", does: "The server, if not that of the running stack." },
  tempo: { type: "string", value: "URL", does: "Tempo's API, if not that of the running stack." },
  "log-file": { type: "string", value: "FILE", does: "The server's log file." },
} as const;

await runCommand({
  name: "npm run verify",
  summary:
    "Sends a plain and a streamed request to the running stack and checks their traces and log lines\nagainst the contract.",
  options,
  examples: [["npm run verify -- --server http://localhost:8080", "another server"]],
  exitCodes: [
    "Everything matches the contract.",
    "Something does not; every violation is listed.",
    "It could not run: the stack is not running, or an option or setting is invalid.",
  ],
  run: verify,
});

async function verify(call: CommandCall<typeof options>): Promise<CommandResult> {
  const config = readStackConfig();
  const stack = await findRunningStack(config, {
    serverUrl: call.options.server,
    tempoUrl: call.options.tempo,
    logFile: call.options["log-file"],
  });
  call.say(`Asking ${stack.serverUrl}, with the traces from ${stack.tempoUrl}.`);
  const requests = await makeRequests(miniserve, stack, config.apiKey);
  const checked = requests.map((request) => ({ request, ...checkRequest(miniserve, request) }));
  printChecklist(miniserve, checked, call);
  const ok = checked.every(({ faults }) => Object.values(faults).flat().length === 0);
  return {
    exitCode: ok ? 0 : 1,
    report: {
      ok,
      ...stack,
      serverUrl: withoutCredentials(stack.serverUrl),
      tempoUrl: withoutCredentials(stack.tempoUrl),
      checks: titles,
      requests: checked.map(({ request, faults }) => ({
        name: request.name,
        traceId: request.answer.traceId ?? null,
        readableAfterMs: request.readableAfterMs,
        spans: request.spans.length,
        logLines: request.lines.length,
        faults,
      })),
    },
  };
}
