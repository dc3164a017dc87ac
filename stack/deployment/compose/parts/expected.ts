import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { readStackConfig } from "../../../config.ts";

export interface Provisioned {
  readonly uid: string;
  readonly title: string;
}

export interface Expected {
  readonly dashboards: readonly Provisioned[];
  readonly datasources: readonly Provisioned[];
  readonly rules: readonly Provisioned[];
}

/** What the generated files of a configuration ask a Grafana to have. */
export function expectGrafana(folder = dirname(readStackConfig().configuration)): Expected {
  const dashboards = textsIn(join(folder, "dashboards", "generated"), ".json");
  const grafana = join(folder, "provisioning", "generated", "grafana");
  const datasources = textsIn(join(grafana, "datasources"), ".yaml");
  const alerting = textsIn(join(grafana, "alerting"), ".yaml");
  return {
    dashboards: dashboards.map((text): Provisioned => {
      const { uid, title } = JSON.parse(text);
      return { uid, title };
    }),
    datasources: datasources.flatMap((text) =>
      parse(text).datasources.map(({ uid, name }: { uid: string; name: string }) => ({
        uid,
        title: name,
      })),
    ),
    rules: alerting.flatMap((text) =>
      parse(text).groups.flatMap(({ rules }: { rules: Provisioned[] }) =>
        rules.map(({ uid, title }) => ({ uid, title })),
      ),
    ),
  };
}

function textsIn(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(folder, name), "utf8"));
}
