/** `npm run dashboards:preview`: the viewer, with dashboards that follow every file that is saved. */
import { once } from "node:events";
import {
  type CommandCall,
  type CommandResult,
  checkout,
  findStackToPreview,
  loopbackHosts,
  type PreviewNews,
  readStackConfig,
  runCommand,
  StackError,
  startViewer,
  type Viewer,
} from "../stack/index.ts";
import { Generator } from "./preview/generator.ts";
import { PreviewLoop } from "./preview/preview-loop.ts";
import { problemLines } from "./preview/problem-lines.ts";
import { ScratchFolder } from "./preview/scratch-folder.ts";
import { SourceWatch } from "./preview/source-watch.ts";
import { TypeCheck } from "./preview/type-check.ts";

const options = {
  tempo: {
    type: "string",
    value: "URL",
    does: "The Tempo that is asked, if not that of the running stack. It alone is asked.",
  },
  port: { type: "string", value: "N", does: "The port of the preview (3001)." },
} as const;

const sources = ["contract", "dashboards", "provisioning"];

await runCommand({
  name: "npm run dashboards:preview",
  summary:
    "Shows the dashboards in a browser, in the embedded viewer. What is saved in contract/, dashboards/ or\nprovisioning/ is shown without loading the page anew, and what is wrong with it stands over the page.\nNothing is written: npm run generate writes the generated files. Ctrl-C ends it.",
  options,
  json: false,
  exitCodes: [
    "It was ended by Ctrl-C or a signal.",
    "It broke off.",
    "It could not start: nothing to ask, the port is taken, or an option is wrong.",
  ],
  run: preview,
});

type Call = CommandCall<typeof options>;

async function preview(call: Call): Promise<CommandResult> {
  const port = portOf(call.options.port ?? "3001");
  const config = readStackConfig();
  const stack = await findStackToPreview(config, call.options.tempo);
  const scratch = new ScratchFolder(checkout);
  const generator = new Generator(checkout, scratch.path);
  const closing: (() => void | Promise<void>)[] = [() => scratch.remove(), () => generator.close()];
  try {
    const types = new TypeCheck(checkout, scratch.path, sources);
    let viewer: Viewer | undefined;
    const loop = new PreviewLoop({
      checkout,
      scratch,
      generator,
      typeCheck: types.isPossible ? types : undefined,
      onNews: (news) => viewer?.tellPreview(news),
      onSettled: (files, news) => report(call, files, news),
      onContract: async () => viewer?.rebuildPage(scratch.path),
    });
    const watch = new SourceWatch(checkout, sources, (files) => loop.changed(files));
    closing.push(() => watch.close());
    await loop.begin();
    viewer = await startViewer({
      hosts: loopbackHosts,
      allowed: config.allowed,
      port,
      ...stack,
      apiKey: config.apiKey,
      checkout,
      namedFrom: scratch.path,
      provisioningFolder: scratch.provisioningFolder,
      dashboardsFolder: scratch.dashboardsFolder,
      preview: loop.news,
    }).catch((error: unknown) => {
      throw portErrorOf(error, port) ?? error;
    });
    closing.push(viewer.close);
    viewer.tellPreview(loop.news);
    call.say(`The traces are those of ${viewer.tempoUrl}.`);
    call.say(`The preview: ${call.style("bold", `http://127.0.0.1:${viewer.port}/dashboards`)}`);
    await Promise.race(["SIGINT", "SIGTERM"].map((signal) => once(process, signal)));
    return { exitCode: 0 };
  } finally {
    for (const close of closing.toReversed()) {
      await close();
    }
  }
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

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new StackError({
    code: "usage_invalid",
    seen: "--port is no port.",
    action: "Give a whole number from 1 to 65535; 0 takes any that is free.",
    exitCode: 2,
  });
}

function portErrorOf(error: unknown, port: number): StackError | undefined {
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (syscall !== "listen") return undefined;
  return new StackError({
    code: "port_in_use",
    seen: `The port ${port} cannot be had (${code}).`,
    action: "Name another: npm run dashboards:preview -- --port 3002.",
    exitCode: 2,
  });
}
