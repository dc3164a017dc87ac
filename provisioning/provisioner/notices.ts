import type { GrafanaInstance } from "./grafana-instance.ts";
import type { HistorySupport } from "./objects/query-history.ts";
import type { FileDatasource, GeneratedContent } from "./wanted/generated-content.ts";

interface Seen {
  readonly url: string;
  readonly grafana: GrafanaInstance;
  readonly history: HistorySupport;
  readonly absent: readonly FileDatasource[];
  readonly content: GeneratedContent;
}

/** What a person should know of this Grafana, and what it cannot do; a sentence each. */
export function noticesOf(seen: Seen): string[] {
  const { grafana, url } = seen;
  return [
    ...(isPlainAbroad(url)
      ? ["The token goes over http: whoever is on the way can read it. Use https."]
      : []),
    ...(grafana.version === undefined
      ? ["Grafana does not tell its version. This is made for 13."]
      : []),
    ...(grafana.hasTempoPlugin === false
      ? [
          "Grafana lacks the plugin `tempo`, which it usually brings along: `grafana cli plugins install tempo`. Without it nothing here shows data.",
        ]
      : []),
    ...absenceNotices(seen),
    ...historyNotices(seen),
  ];
}

function isPlainAbroad(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && !/^(localhost|127\..*|\[::1\])$/.test(hostname);
}

function absenceNotices({ absent, content }: Seen): string[] {
  return absent.map(({ name, type, uid }) => {
    const titles = content.dashboards
      .filter((dashboard) => JSON.stringify(dashboard).includes(`"uid":${JSON.stringify(uid)}`))
      .map(({ title }) => `"${title}"`);
    const panels = titles.length === 0 ? "" : ` Panels of ${titles.join(", ")} say so.`;
    return `There is no ${name}; --${type}-uid UID names one, --${type}-url URL makes one. Links and rules that need it are left out.${panels}`;
  });
}

function historyNotices({ grafana, history }: Seen): string[] {
  const isOpenSource = !/enterprise|cloud/i.test(grafana.edition ?? "");
  const shared = isOpenSource
    ? "Saved queries that everybody sees are a feature of Grafana Enterprise and Cloud; everybody has the dashboard Saved queries, whose links open them."
    : "Grafana's own library of saved queries has no API that is promised; everybody has the dashboard Saved queries, whose links open them.";
  switch (history) {
    case "kept":
      return [
        shared,
        "The history of queries is of one account, here the one that signed in. Grafana 13 calls it deprecated, and may show what is in the browser instead.",
      ];
    case "switched off":
      return [shared, "Grafana keeps no history of queries, so there are no starred ones."];
    case "of nobody":
      return [
        shared,
        "Starred queries are left out: a token belongs to a service account, whose history nobody sees. Put user:password into the variable to have them for that user.",
      ];
    default:
      return history satisfies never;
  }
}
