import { namedVariable } from "../../../stack/index.ts";
import type { CheckGroup } from "../check.ts";
import { isHad, type Subject } from "../subject.ts";
import { configurationCheck } from "./configuration.ts";
import { exporterVariable } from "./exporter-address.ts";
import { generatedCheck } from "./generated.ts";
import { proxiesCheck } from "./proxies.ts";
import { settingsCheck } from "./settings.ts";
import { tracingVariablesCheck } from "./tracing-variables.ts";

/** What this shell and the files say. */
export function settingsGroup(subject: Subject): CheckGroup {
  const { configuration } = subject;
  return {
    title: "Settings and files",
    checks: [
      settingsCheck(subject),
      configurationCheck(subject),
      ...(isHad(configuration) ? [generatedCheck(configuration)] : []),
      tracingVariablesCheck(subject),
      proxiesCheck(exportHost()),
    ],
  };
}

function exportHost(): string | undefined {
  return URL.parse(namedVariable(exporterVariable() ?? "") ?? "")?.hostname || undefined;
}
