import { z } from "zod";
import type { JsonObject, WantedRule } from "../desired/generated-content.ts";
import { differences, type PlannedChange, type ProvisionedObject } from "../differences.ts";
import { type GrafanaClient, readAnswer } from "../http/grafana-client.ts";
import type { Owner } from "../owner.ts";

export const rulesPath = "/api/v1/provisioning/alert-rules";

const alertRule = z.looseObject({
  uid: z.string(),
  title: z.string(),
  annotations: z.record(z.string(), z.string()).nullish(),
  provenance: z.string().optional(),
  folderUID: z.string().optional(),
  ruleGroup: z.string().optional(),
});

type PresentRule = z.infer<typeof alertRule>;

/** Every alert rule that the account can see. */
export async function listAlertRules(client: GrafanaClient): Promise<PresentRule[]> {
  return readAnswer(z.array(alertRule), await client.get(rulesPath), rulesPath);
}

export function isOwnRule({ annotations }: PresentRule, owner: Owner): boolean {
  return annotations?.[owner.field] === owner.service;
}

export interface AlertRuleOptions {
  readonly wanted: WantedRule;
  readonly folderUid: string;
  readonly owner: Owner;
}

export function alertRuleObject(
  client: GrafanaClient,
  options: AlertRuleOptions,
): ProvisionedObject {
  const { uid, title } = options.wanted.rule;
  const path = `${rulesPath}/${uid}`;
  const wanted = asApi(options);
  const described = { kind: "alert rule", id: uid, title } as const;
  return {
    look: async (): Promise<PlannedChange> => {
      const answer = await client.find(path);
      if (answer === undefined) {
        // Without X-Disable-Provenance it is locked in the pages: its source is the contract.
        const apply = async () => {
          await client.send("POST", rulesPath, wanted);
        };
        const reason = reasonOfPlace(await listAlertRules(client), options);
        const whereTaken =
          "Grafana has another rule of that title or uid, which it does not show to this account. Rename that one, or name another --folder.";
        return reason === undefined
          ? { ...described, action: "create", differences: [], whereTaken, apply }
          : { ...described, action: "refuse", reason };
      }
      const present = readAnswer(alertRule, answer, path);
      const reason = reasonToRefuse(present, options.owner);
      if (reason !== undefined) {
        const refused = { ...described, title: present.title, action: "refuse", reason } as const;
        return isFromFile(present) ? { ...refused, file: { differences: [] } } : refused;
      }
      const { orgID: _, ...compared } = wanted;
      const found = differences(withSeconds(present), withSeconds(compared));
      const apply = async () => {
        // A person's pause and choice of whom to notify stay.
        const { isPaused, notification_settings } = present;
        await client.send("PUT", path, { ...wanted, isPaused, notification_settings });
      };
      return found.length === 0
        ? { ...described, action: "keep" }
        : { ...described, action: "update", differences: found, apply };
    },
  };
}

/** As the API takes a rule, which calls some fields otherwise than a file does. */
function asApi({ wanted: { group, rule }, folderUid, owner }: AlertRuleOptions): JsonObject {
  const { annotations, keepFiringFor, ...rest } = rule as typeof rule & {
    readonly keepFiringFor?: string;
  };
  return {
    ...rest,
    ...(keepFiringFor === undefined ? {} : { keep_firing_for: keepFiringFor }),
    annotations: { ...annotations, [owner.field]: owner.service },
    folderUID: folderUid,
    ruleGroup: group,
    // Asked for, and replaced by that of the account.
    orgID: 1,
  };
}

/** Grafana writes durations anew: `0m` comes back as `0s`, and `90s` as `1m30s`. */
function withSeconds(rule: JsonObject): JsonObject {
  const keepFiringFor = rule.keep_firing_for;
  return {
    ...rule,
    for: parseSeconds(rule.for),
    ...(keepFiringFor === undefined ? {} : { keep_firing_for: parseSeconds(keepFiringFor) }),
  };
}

const secondsPerUnit: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
};

function parseSeconds(duration: unknown): number {
  return [...String(duration ?? "").matchAll(/(\d+)(ms|[smhdw])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (secondsPerUnit[unit ?? ""] ?? 0),
    0,
  );
}

/** Titles of rules must differ in a folder, and a group that is read from a file takes no other rule. */
function reasonOfPlace(
  present: readonly PresentRule[],
  { wanted: { group, rule }, folderUid }: AlertRuleOptions,
): string | undefined {
  const beside = present.filter(({ folderUID }) => folderUID === folderUid);
  const other = beside.find(({ title, uid }) => title === rule.title && uid !== rule.uid);
  if (other !== undefined) {
    return `The folder has a rule of that title under the uid ${other.uid}, not ${rule.uid}. Rename or delete it, or name another --folder.`;
  }
  return beside.some(({ ruleGroup, provenance }) => ruleGroup === group && provenance === "file")
    ? `The folder has a group of rules "${group}" that Grafana reads from a file, so nothing can be put into it. Name another --folder.`
    : undefined;
}

function isFromFile({ provenance }: PresentRule): boolean {
  return provenance === "file";
}

function reasonToRefuse(present: PresentRule, owner: Owner): string | undefined {
  if (isFromFile(present)) {
    return "Grafana reads that rule from a file, so it cannot be changed from here.";
  }
  return isOwnRule(present, owner)
    ? undefined
    : `The rule "${present.title}" has that uid, and was not made from here. Remove it to have ours.`;
}
