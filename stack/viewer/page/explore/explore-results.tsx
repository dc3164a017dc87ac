import { useEffect, useMemo } from "preact/hooks";
import type { PanelJson, RawRange } from "../../data/dashboard.ts";
import { type ExploreState, exploreAddress } from "../../data/explore/explore-state.ts";
import { measured, measuredUnit, resultFrame } from "../../data/explore/result-frame.ts";
import { createNewestQuery, createRateQuery } from "../../data/home/home-queries.ts";
import type { Datasource } from "../../data/provisioned.ts";
import { formatText } from "../../data/units.ts";
import { useLoaded } from "../api/load.ts";
import type { DashboardContextValue } from "../dashboard/dashboard-context.ts";
import { askPanel, listQueries, type PanelData, type PanelQuery } from "../dashboard/panel-data.ts";
import { Logs } from "../panels/logs.tsx";
import { TablePanel } from "../panels/table.tsx";
import { Timeseries } from "../panels/timeseries.tsx";
import { contracts, services } from "../services.ts";
import { useTheme } from "../shell/theme.ts";
import { keepResultList } from "../trace/result-list.ts";
import { TraceView } from "../trace/trace-view.tsx";

interface ExploreResultsProps {
  readonly state: ExploreState;
  readonly context: DashboardContextValue;
  readonly datasource: Datasource;
  /** Told what the store said of the query, or that it has answered. */
  readonly onFault: (fault: string | undefined) => void;
}

/** The answer to Explore's query: a table, series over time, or a trace. */
export function ExploreResults({ state, context, datasource, onFault }: ExploreResultsProps) {
  const panel = useMemo(() => createPanel(state, datasource), [state, datasource]);
  const [query] = useMemo(() => listQueries(panel, context), [panel, context]);
  if (query === undefined) {
    return <Examples raw={context.raw} tempo={datasource} />;
  }
  if (query.request.kind === "trace") {
    const traceId = query.request.query.toLowerCase().padStart(32, "0");
    return <TraceView traceId={traceId} firstSpanId={undefined} />;
  }
  return <Answer panel={panel} query={query} context={context} onFault={onFault} />;
}

function createPanel(state: ExploreState, { uid, type }: Datasource): PanelJson {
  const { query, limit, spss, metricsQueryType } = state;
  const datasource = { uid, type };
  const asked = type === "loki" ? { expr: query } : { query, limit, spss, metricsQueryType };
  return { type: "explore", title: "Answer", datasource, targets: [{ ...asked, datasource }] };
}

interface AnswerProps extends Pick<ExploreResultsProps, "context" | "onFault"> {
  readonly panel: PanelJson;
  readonly query: PanelQuery;
}

function Answer({ panel, query, context, onFault }: AnswerProps) {
  const loaded = useLoaded(`${query.address} ${context.refreshes}`, (signal) =>
    askPanel([query], context.range.toMs, signal),
  );
  const fault = loaded.phase === "failed" ? loaded.error.message : undefined;
  useEffect(() => onFault(fault), [fault]);
  if (loaded.phase === "loading") {
    return (
      <p class="weak" role="status">
        Asking …
      </p>
    );
  }
  return loaded.phase === "failed" ? null : (
    <Shown panel={panel} query={query} data={loaded.value} context={context} />
  );
}

interface ShownProps extends Omit<AnswerProps, "onFault"> {
  readonly data: PanelData;
}

function Shown({ panel, query, data, context }: ShownProps) {
  const theme = useTheme();
  const { kind } = query.request;
  const frames = useMemo(() => {
    if (kind === "search") {
      return [resultFrame(kind, data.frames)];
    }
    if (kind === "logs" || kind === "trace") {
      return data.frames;
    }
    const answered = measured(data.frames, measuredUnit(query.request.query, contracts));
    return kind === "instant" ? [resultFrame(kind, answered)] : answered;
  }, [kind, data]);
  useEffect(() => {
    if (kind === "search") {
      const ids = frames[0]?.fields.find(({ name }) => name === "traceIdHidden")?.values ?? [];
      const traceIds = [...new Set(ids.map(String))];
      keepResultList({ title: "Back to Explore", href: location.href, traceIds });
    }
  }, [frames]);
  const count =
    kind === "logs"
      ? data.logs.length
      : kind === "range"
        ? frames.length
        : (frames[0]?.fields[0]?.values.length ?? 0);
  const View = {
    logs: Logs,
    range: Timeseries,
    search: TablePanel,
    instant: TablePanel,
    trace: Logs,
  }[kind];
  return (
    <section class={`answer answer-${kind}`} aria-label="Answer">
      <p class="weak" role="status">
        {foundText(kind, count)}, answered in {formatText(data.tookMs, "ms")}.{" "}
        <a href={query.address} target="_blank" rel="noreferrer">
          As JSON
        </a>
      </p>
      {data.hints.map((hint) => (
        <p key={hint} class="query-hint" role="status">
          {hint}
        </p>
      ))}
      {count > 0 && (
        <View panel={panel} frames={frames} data={data} context={context} theme={theme} />
      )}
    </section>
  );
}

function foundText(kind: PanelQuery["request"]["kind"], count: number): string {
  const [one, several] = {
    search: ["span", "spans"],
    trace: ["span", "spans"],
    range: ["series", "series"],
    instant: ["value", "values"],
    logs: ["line", "lines"],
  }[kind] as [string, string];
  return count === 0 ? "Nothing found" : `${count} ${count === 1 ? one : several}`;
}

/** Queries to begin with. */
const examples: readonly { readonly title: string; readonly text: string }[] = [
  {
    title: "The newest requests, with how they ended",
    text: createNewestQuery(services[0].contract),
  },
  { title: "Everything that took longer than five seconds", text: "{ duration > 5s }" },
  { title: "Everything that failed", text: "{ status = error }" },
  {
    title: "How long each stage takes, over time",
    text: "{ } | quantile_over_time(duration, .5, .95) by (name)",
  },
  { title: "Requests a second", text: createRateQuery(services[0].contract) },
];

interface ExamplesProps {
  readonly raw: RawRange;
  readonly tempo: { readonly uid: string; readonly type: string };
}

/** What stands where no answer is yet. */
function Examples({ raw, tempo }: ExamplesProps) {
  const { uid, type } = tempo;
  return (
    <section class="examples" aria-label="Examples">
      <h2>Write a query, choose a saved one, or begin with one of these</h2>
      <ul>
        {examples.map(({ title, text }) => (
          <li key={text}>
            <a href={exploreAddress({ datasource: { uid, type }, query: text, limit: 20 }, raw)}>
              {title}
            </a>
            <code>{text}</code>
          </li>
        ))}
      </ul>
      <p class="weak">A trace's id works, too.</p>
    </section>
  );
}
