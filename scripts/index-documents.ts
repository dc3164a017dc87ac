import { readConfiguration } from "../server/index.ts";
import {
  type CommandCall,
  type CommandResult,
  keepFilesPrivate,
  runCommand,
  StackError,
} from "../stack/index.ts";
import { buildFromPaths } from "./index-documents/build.ts";
import { checkAnswers, listIndexes, removeIndex } from "./index-documents/manage.ts";

const options = {
  list: { type: "boolean", does: "List the indexes." },
  remove: { type: "string", value: "NAME", does: "Remove an index." },
  check: {
    type: "boolean",
    does: "Ask 20 questions about this project's documentation and print how many find their answer.",
  },
} as const;

type Call = CommandCall<typeof options>;

await runCommand({
  name: "npm run index",
  summary:
    "Builds or updates a retrieval index of Markdown and text files: unchanged documents are kept, those no\nlonger named are dropped. The server picks it up by itself.",
  positionals: { usage: "NAME PATH…", max: 10_000 },
  options,
  examples: [["npm run index -- handbook docs README.md", "an index of a folder and a file"]],
  showsWaiting: false,
  exitCodes: [
    "Done.",
    "Documents were skipped, the index to remove does not exist, or the build failed.",
    "It could not run because of an option, a setting, a path or a model.",
  ],
  run,
});

async function run(call: Call): Promise<CommandResult> {
  keepFilesPrivate();
  const result = readConfiguration();
  if ("faults" in result) {
    throw new StackError("configuration_invalid", {
      details: result.faults.map(({ variable, reason }) => `${variable}: ${reason}`),
    });
  }
  const { configuration } = result;
  const { list, remove, check } = call.options;
  const [name, ...paths] = call.positionals;
  const modes = [list, remove !== undefined, check, name !== undefined].filter(Boolean).length;
  if (modes !== 1 || (name !== undefined && paths.length === 0)) {
    throw new StackError("usage_invalid", {
      message:
        "It takes the name of an index and at least one path, or one of --list, --remove and --check.",
      hint: "For example: npm run index -- handbook docs README.md",
    });
  }
  if (list === true) {
    return await listIndexes(configuration, call);
  }
  if (remove !== undefined) {
    return await removeIndex(configuration, remove, call);
  }
  if (check === true) {
    return await checkAnswers(configuration, call);
  }
  return await buildFromPaths(configuration, { name: name ?? "", paths }, call);
}
