import type { GenerateFiles } from "../generated-file.ts";
import type { SettingTable } from "./read-settings.ts";
import { serverSettings } from "./server-settings.ts";
import { stackSettings } from "./stack-settings.ts";

/** All settings as people read them. */
export const settingsPage: GenerateFiles = () => [
  {
    path: "docs/generated/settings.md",
    content: [
      "<!-- By npm run generate, from contract/settings/. Do not edit. -->",
      "# Settings",
      "",
      "Set them in the environment. An empty variable is an unset one; spaces around a value do not count. Every fault is reported at start, each with the variable's name.",
      "",
      "## The server",
      "",
      "A name that starts with `MINISERVE_` and is not in this table is a fault too.",
      "",
      ...table(serverSettings),
      "",
      "## The stack",
      "",
      "The stack's commands also read `MINISERVE_HOST`, `MINISERVE_PORT` (which may not be 0 there), `MINISERVE_API_KEY`, `MINISERVE_LOG_FILE` and `MINISERVE_SHUTDOWN_LIMIT_MS`.",
      "",
      ...table(stackSettings),
      "",
    ].join("\n"),
  },
];

function table(settings: SettingTable): string[] {
  return [
    "| variable | default | takes | meaning |",
    "|---|---|---|---|",
    ...Object.entries(settings).map(
      ([variable, { default: value, takes, meaning }]) =>
        `| \`${variable}\` | ${value === "" ? "" : `\`${value}\``} | ${takes} | ${meaning} |`,
    ),
  ];
}
