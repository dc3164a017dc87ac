import type { GeneratedFile } from "../generated-file.ts";
import type { SettingTable } from "./read-settings.ts";
import { serverSettings } from "./server-settings.ts";
import { stackSettings } from "./stack-settings.ts";

/** The page of all settings. */
export const settingsPage = (): GeneratedFile => ({
  path: "docs/generated/settings.md",
  content: [
    "<!-- By npm run generate, from contract/settings/. Do not edit. -->",
    "# Settings",
    "",
    "Set them in the environment. An empty variable counts as unset; spaces around a value are ignored. All invalid settings are reported at start, with their names.",
    "",
    "## The server",
    "",
    "An unknown name that starts with `MINISERVE_` is an error too.",
    "",
    ...table(serverSettings),
    "",
    "## The stack",
    "",
    "The stack's commands also read `MINISERVE_HOST`, `MINISERVE_PORT` (not 0 there), `MINISERVE_API_KEY`, `MINISERVE_LOG_FILE` and `MINISERVE_SHUTDOWN_LIMIT_MS`.",
    "",
    ...table(stackSettings),
    "",
  ].join("\n"),
});

function table(settings: SettingTable): string[] {
  return [
    "| variable | default | takes | meaning |",
    "|---|---|---|---|",
    ...Object.entries(settings).map(
      ([variable, { default: value, takes, brief }]) =>
        `| \`${variable}\` | ${value === "" ? "" : `\`${value}\``} | ${takes} | ${brief} |`,
    ),
  ];
}
