import { z } from "zod";
import { type Expected, expectGrafana, type Provisioned } from "./expected.ts";

export interface GrafanaReport {
  readonly version: string | null;
  readonly dashboards: readonly Provisioned[];
  readonly datasources: readonly Provisioned[];
  readonly rules: readonly RuleReport[];
  /** What is missing, or does not work; a sentence each. */
  readonly problems: readonly string[];
}

export interface RuleReport {
  readonly title: string;
  /** `ok`, `nodata`, `error` or `unknown`, which is before its first evaluation. */
  readonly health: string;
  readonly state: string;
}

const answerLimitMs = 5_000;

/**
 * Asks a Grafana whether it has loaded what its files say: it only logs what it could not load, and its
 * health is good all the same.
 */
export async function checkGrafana(
  url: string,
  expected: Expected = expectGrafana(),
): Promise<GrafanaReport> {
  const [found, settings, groups, isExploreOpen] = await Promise.all([
    ask(`${url}/api/search?type=dash-db&limit=5000`, searchAnswer),
    ask(`${url}/api/frontend/settings`, settingsAnswer),
    ask(`${url}/api/prometheus/grafana/api/v1/rules`, rulesAnswer),
    checkExplore(url),
  ]);
  const datasources = Object.entries(settings.value?.datasources ?? {}).map(([title, { uid }]) => ({
    uid: uid ?? "",
    title,
  }));
  const dashboards = (found.value ?? []).map(({ uid, title }) => ({ uid, title }));
  const rules = (groups.value?.data.groups ?? []).flatMap((group) => group.rules);
  const titles = rules.map(({ name }) => ({ uid: name, title: name }));
  return {
    version: settings.value?.buildInfo.version ?? null,
    dashboards,
    datasources: datasources.filter(({ title }) => !title.startsWith("-- ")),
    rules: rules.map(({ name, health, state }) => ({ title: name, health, state })),
    problems: [
      ...[found, settings, groups].flatMap(({ problem }) => problem ?? []),
      ...(found.value ? missing("dashboard", expected.dashboards, dashboards) : []),
      // A datasource whose plugin is not there is left out of the settings, Tempo's too.
      ...(settings.value ? missing("datasource", expected.datasources, datasources) : []),
      ...(groups.value
        ? missing(
            "alert rule",
            expected.rules.map(({ title }) => ({ uid: title, title })),
            titles,
          )
        : []),
      ...(isExploreOpen
        ? []
        : [
            "Grafana lets nobody into Explore who has not signed in: links of saved queries end at its home page.",
          ]),
      ...rules
        .filter(({ health }) => health === "error")
        .map(
          ({ name, lastError }) => `The alert rule "${name}" fails: ${lastError ?? "no reason"}`,
        ),
    ],
  };
}

/** Whom it does not let in is sent to the home page, without a word. */
async function checkExplore(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/explore`, {
      redirect: "manual",
      signal: AbortSignal.timeout(answerLimitMs),
    });
    await response.body?.cancel();
    return response.status < 300 || response.status > 399;
  } catch {
    // That it does not answer is said by the others.
    return true;
  }
}

function missing(
  kind: string,
  expected: readonly Provisioned[],
  present: readonly Provisioned[],
): string[] {
  const uids = new Set(present.map(({ uid }) => uid));
  return expected
    .filter(({ uid }) => !uids.has(uid))
    .map(({ title }) => `Grafana has not loaded the ${kind} "${title}": its log says why.`);
}

const searchAnswer = z.array(z.object({ uid: z.string(), title: z.string() }));

const settingsAnswer = z.object({
  buildInfo: z.object({ version: z.string().optional() }),
  datasources: z.record(z.string(), z.object({ uid: z.string().optional() })),
});

const rulesAnswer = z.object({
  data: z.object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({
            name: z.string(),
            state: z.string(),
            health: z.string(),
            lastError: z.string().optional(),
          }),
        ),
      }),
    ),
  }),
});

interface GrafanaAnswer<Value> {
  readonly value?: Value;
  readonly problem?: string;
}

async function ask<Schema extends z.ZodType>(
  url: string,
  schema: Schema,
): Promise<GrafanaAnswer<z.infer<Schema>>> {
  const { pathname } = new URL(url);
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(answerLimitMs) });
    if (!response.ok) {
      await response.body?.cancel();
      return { problem: `Grafana answers ${pathname} with ${response.status}.` };
    }
    const parsed = schema.safeParse(await response.json());
    return parsed.success
      ? { value: parsed.data }
      : { problem: `Grafana's answer to ${pathname} is not as expected.` };
  } catch {
    return { problem: `Grafana does not answer ${pathname}.` };
  }
}
