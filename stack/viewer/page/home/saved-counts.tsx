import { useEffect, useState } from "preact/hooks";
import { datasourceUids, exploreLink, miniserve, type SavedQuery, savedQueriesOf } from "#contract";
import { countIn } from "../../data/home/home-queries.ts";
import { requestOf } from "../../data/target-request.ts";
import type { MetricsAnswer } from "../../data/tempo-answers.ts";
import { getJson } from "../api/get-json.ts";
import { inTurn } from "../api/query-queue.ts";

const saved = savedQueriesOf(miniserve);
/** The gravest first, called as on the dashboards. */
const severities = [
  ["critical", "Critical"],
  ["warning", "Warning"],
  ["info", "Good to know"],
] as const;
const hourMs = 3_600_000;

/** What a saved query counts: a number, or why there is none. */
type Count = number | Error;

/** The saved queries, each with how much it finds in the last hour. */
export function SavedCounts({ asked }: { readonly asked: number }) {
  const [counts, setCounts] = useState<ReadonlyMap<string, Count>>(new Map());
  useEffect(() => {
    const controller = new AbortController();
    const toMs = Date.now();
    for (const query of saved) {
      void countOf(query, toMs, controller.signal).then((count) => {
        if (count !== undefined && !controller.signal.aborted) {
          setCounts((before) => new Map(before).set(query.id, count));
        }
      });
    }
    return () => controller.abort();
  }, [asked]);
  return (
    <section class="card" aria-labelledby="home-saved">
      <h2 id="home-saved">
        Saved queries <span class="weak">found in the last hour</span>
      </h2>
      <div class="saved-counts">
        {severities.map(([severity, title]) => (
          <section key={severity} aria-label={title}>
            <h3>{title}</h3>
            <ul>
              {saved
                .filter((query) => query.severity === severity)
                .map((query) => (
                  <li key={query.id} title={query.question}>
                    <a href={exploreLink(query.table)}>{query.title}</a>
                    <Found query={query} count={counts.get(query.id)} />
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </div>
    </section>
  );
}

function Found({
  query,
  count,
}: {
  readonly query: SavedQuery;
  readonly count: Count | undefined;
}) {
  if (query.count === null) {
    return (
      <span class="weak" title="TraceQL has no form that counts what it finds.">
        –
      </span>
    );
  }
  if (count instanceof Error) {
    return (
      <span class="sample-fault" title={count.message}>
        failed
      </span>
    );
  }
  const hasFound = count !== undefined && count > 0;
  return <strong class={hasFound ? `severity-${query.severity}` : "weak"}>{count ?? "…"}</strong>;
}

/** Undefined for a query without a form that counts, and for one that is given up. */
async function countOf(
  { count }: SavedQuery,
  toMs: number,
  signal: AbortSignal,
): Promise<Count | undefined> {
  const target = { query: count ?? "", metricsQueryType: "instant" };
  const request = requestOf(target, target.query, { fromMs: toMs - hourMs, toMs });
  if (request === undefined) {
    return undefined;
  }
  const address = `/api/datasources/proxy/uid/${datasourceUids.tempo}${request.path}`;
  try {
    return countIn(await inTurn(signal, () => getJson<MetricsAnswer>(address, signal)));
  } catch (error) {
    return signal.aborted ? undefined : (error as Error);
  }
}
