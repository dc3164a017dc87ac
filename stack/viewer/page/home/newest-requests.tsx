import { useEffect, useMemo } from "preact/hooks";
import { datasourceUids } from "#contract";
import { resultFrame } from "../../data/explore/result-frame.ts";
import { exploreAddress } from "../../data/explore-address.ts";
import { newestRequests, readableRequests } from "../../data/home/home-queries.ts";
import type { Datasource } from "../../data/provisioned.ts";
import { useLoaded } from "../api/use-loaded.ts";
import type { DashboardContextValue } from "../dashboard/dashboard-context.ts";
import { askPanel, type PanelData, queriesOf } from "../dashboard/panel-data.ts";
import { TablePanel } from "../panels/table.tsx";
import { useTheme } from "../shell/theme.ts";
import { keepResultList } from "../trace/result-list.ts";

interface NewestRequestsProps {
  readonly datasources: readonly Datasource[];
  /** Grows whenever they are to be asked for again. */
  readonly asked: number;
}

const raw = { from: "now-24h", to: "now" };
const dayMs = 86_400_000;
const tempo = { type: "tempo", uid: datasourceUids.tempo };
const panel = {
  type: "table",
  title: "Newest requests",
  targets: [{ query: newestRequests, limit: 10, spss: 1, datasource: tempo }],
};

/** The requests of the last day, the newest first, each with the way to its trace. */
export function NewestRequests({ datasources, asked }: NewestRequestsProps) {
  const context = useMemo((): DashboardContextValue => {
    const toMs = Date.now();
    const range = { fromMs: toMs - dayMs, toMs };
    return { variables: new Map(), raw, range, datasources, refreshes: asked, onRange: () => {} };
  }, [datasources, asked]);
  const loaded = useLoaded(
    "newest",
    (signal) => askPanel(queriesOf(panel, context), context.range.toMs, signal),
    asked,
  );
  return (
    <section class="card" aria-labelledby="home-newest">
      <h2 id="home-newest">
        Newest requests{" "}
        <a href={exploreAddress({ datasource: tempo, query: newestRequests, limit: 20 }, raw)}>
          Open in Explore
        </a>
      </h2>
      {loaded.phase === "loading" && <p class="weak">Asking …</p>}
      {loaded.phase === "failed" && <p class="sample-fault">{loaded.error.message}</p>}
      {loaded.phase === "ready" && <Requests data={loaded.value} context={context} />}
    </section>
  );
}

interface RequestsProps {
  readonly data: PanelData;
  readonly context: DashboardContextValue;
}

function Requests({ data, context }: RequestsProps) {
  const theme = useTheme();
  const frames = useMemo(() => [readableRequests(resultFrame("search", data.frames))], [data]);
  const ids = frames[0]?.fields.find(({ name }) => name === "traceIdHidden")?.values ?? [];
  useEffect(() => {
    const traceIds = [...new Set(ids.map(String))];
    keepResultList({ title: "Newest requests", href: "/", traceIds });
  }, [frames]);
  return ids.length === 0 ? (
    <p class="weak">No request in the last day. Send one.</p>
  ) : (
    <TablePanel panel={panel} frames={frames} data={data} context={context} theme={theme} />
  );
}
