/** `npm run dashboards:preview`: the viewer, with dashboards that follow every file that is saved. */
import { once } from "node:events";
import { basename, dirname } from "node:path";
import {
  type CommandCall,
  type CommandResult,
  checkout,
  findConfiguration,
  findStackToPreview,
  loopbackHosts,
  type PreviewNews,
  readStackConfig,
  runCommand,
  StackError,
  serviceOptions,
  startViewer,
  type Viewer,
} from "../stack/index.ts";
import { problemLines } from "./preview/generation-problems.ts";
import { Generator, PreviewLoop } from "./preview/preview-loop.ts";
import { CleanUp, ScratchFolder } from "./preview/scratch-folder.ts";
import { SourceWatch } from "./preview/source-watch.ts";
import { TypeCheck } from "./preview/type-check.ts";

const options = {
  config: serviceOptions.config,
  tempo: {
    type: "string",
    value: "URL",
    does: "The only Tempo to query, instead of the running stack's.",
  },
  port: { type: "string", value: "N", does: "The port of the preview (3001)." },
} as const;

const sources = ["contract", "dashboards", "provisioning"];

await runCommand({
  name: "npm run dashboards:preview",
  summary:
    "Shows the dashboards in the embedded viewer. Changes saved in contract/, dashboards/ or provisioning/\nappear without reloading; errors are shown above the page. No generated file is written; use\nnpm run generate for that. Ctrl-C ends it.",
  options,
  json: false,
  examples: [
    ["npm run dashboards:preview -- --tempo http://localhost:3200", "with the traces of a Tempo"],
  ],
  showsWaiting: false,
  exitCodes: [
    "It was ended by Ctrl-C or a signal.",
    "It stopped with an error.",
    "It could not start: no Tempo to query, the port is in use, or an option is invalid.",
  ],
  run: preview,
});

type Call = CommandCall<typeof options>;

async function preview(call: Call): Promise<CommandResult> {
  const port = parsePort(call.options.port ?? "3001");
  const config = readStackConfig();
  const stack = await findStackToPreview(config, call.options.tempo);
  const stopped = Promise.race(["SIGINT", "SIGTERM"].map((signal) => once(process, signal)));
  const cleanUp = new CleanUp();
  try {
    const { allowed, apiKey } = config;
    const started = start(call, { ...stack, allowed, port, apiKey }, cleanUp);
    // Who wants no more of it need not wait until it has started; what comes too late is closed as well.
    started.catch(() => undefined);
    await Promise.race([started, stopped]);
    await stopped;
    return { exitCode: 0 };
  } finally {
    await cleanUp.run();
  }
}

interface Start extends Awaited<ReturnType<typeof findStackToPreview>> {
  readonly port: number;
  readonly allowed: ReturnType<typeof readStackConfig>["allowed"];
  readonly apiKey: string | undefined;
}

/** Generates for the first time, and shows what that is. */
async function start(call: Call, { port, ...stack }: Start, cleanUp: CleanUp): Promise<void> {
  const configuration = findConfiguration(call.options);
  const folder = dirname(configuration);
  const scratch = new ScratchFolder(checkout);
  await cleanUp.add(() => scratch.remove());
  const onOutput = (line: string) => call.say(line);
  const generator = new Generator({ checkout, configuration, folder: scratch.path, onOutput });
  await cleanUp.add(() => generator.close());
  const types = new TypeCheck(checkout, scratch.path, sources);
  await cleanUp.add(() => types.close());
  let viewer: Viewer | undefined;
  const loop = new PreviewLoop({
    folder,
    scratch,
    generator,
    typeCheck: types.isPossible ? types : undefined,
    onNews: (news) => viewer?.tellPreview(news),
    onSlow: (seconds) => call.say(slowSentence(seconds)),
    onSettled: (files, news) => report(call, files, news),
    onContract: async () => viewer?.rebuildPage(scratch.path),
  });
  await cleanUp.add(() => loop.close());
  for (const { root, folders } of watchedFolders(folder)) {
    const watch = new SourceWatch(root, folders, (files) => loop.changed(files));
    await cleanUp.add(() => watch.close());
  }
  await loop.begin();
  if (cleanUp.isOver) {
    return;
  }
  viewer = await startViewer({
    configuration,
    hosts: loopbackHosts,
    port,
    ...stack,
    checkout,
    namedFrom: scratch.path,
    provisioningFolder: scratch.provisioningFolder,
    dashboardsFolder: scratch.dashboardsFolder,
    preview: loop.news,
  }).catch((error: unknown) => {
    throw toPortError(error, port) ?? error;
  });
  await cleanUp.add(viewer.close);
  if (cleanUp.isOver) {
    return;
  }
  viewer.tellPreview(loop.news);
  call.say(`The traces are those of ${viewer.tempoUrl}.`);
  call.say(`The preview: ${call.style("bold", `http://127.0.0.1:${viewer.port}/dashboards`)}`);
}

/** The project's own sources, and what lies beside another configuration. */
function watchedFolders(folder: string) {
  return [
    { root: checkout, folders: sources },
    ...(folder === checkout ? [] : [{ root: dirname(folder), folders: [basename(folder)] }]),
  ];
}

function slowSentence(seconds: number): string {
  return `Generating has taken ${seconds} s so far, and goes on: the machine is busy, or what was saved never ends. Saving a file begins anew.`;
}

function report(call: Call, files: readonly string[], { problems, filesDue }: PreviewNews): void {
  const what = files.length === 0 ? "At the start" : files.join(", ");
  if (problems.length > 0) {
    call.say(`${what}:`, ...problemLines(problems, call.style));
  } else if (files.length > 0) {
    const due =
      filesDue.length === 0
        ? "the generated files are the same"
        : `npm run generate would write ${filesDue.join(", ")}`;
    call.say(call.style("dim", `${what}: shown; ${due}.`));
  }
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) {
    return Number(text);
  }
  throw new StackError("usage_invalid", {
    message: "--port is no port.",
    hint: "Give a whole number from 1 to 65535; 0 takes any that is free.",
  });
}

function toPortError(error: unknown, port: number): StackError | undefined {
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (syscall !== "listen") {
    return undefined;
  }
  return new StackError("port_in_use", {
    message: `The port ${port} cannot be had (${code}).`,
    hint: "Name another: npm run dashboards:preview -- --port 3002.",
  });
}
