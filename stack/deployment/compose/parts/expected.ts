import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { checkout } from "../../../config.ts";

export interface Provisioned {
  readonly uid: string;
  readonly title: string;
}

export interface Expected {
  readonly dashboards: readonly Provisioned[];
  readonly datasources: readonly Provisioned[];
  readonly rules: readonly Provisioned[];
}

/** What the generated files ask a Grafana to have. */
export function expectGrafana(): Expected {
  const dashboards = textsIn(join(checkout, "dashboards", "generated"), ".json");
  const grafana = join(checkout, "provisioning", "generated", "grafana");
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
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(folder, name), "utf8"));
}
