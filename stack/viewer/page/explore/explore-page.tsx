import { useEffect, useMemo, useState } from "preact/hooks";
import { datasourceUids } from "#contract";
import type { QuickRange, RawRange } from "../../data/dashboard.ts";
import {
  addressOfState,
  type ExploreState,
  readExploreState,
} from "../../data/explore/explore-state.ts";
import { faultIn } from "../../data/explore/query-fault.ts";
import type { Datasource, Provisioned } from "../../data/provisioned.ts";
import { resolveRange } from "../../data/time-range.ts";
import { getJson, useLoaded } from "../api/load.ts";
import type { DashboardContextValue } from "../dashboard/dashboard-context.ts";
import { useGeneration } from "../preview/preview.tsx";
import { changeParameters } from "../routing/address.ts";
import { type ServiceQuery, serviceQueries, services } from "../services.ts";
import { Icon } from "../shell/icon.tsx";
import { Message } from "../shell/message.tsx";
import { TimePicker } from "../time/time-picker.tsx";
import { ExploreResults } from "./explore-results.tsx";
import { QueryEditor } from "./query-editor.tsx";

/** The page on which any query can be asked: its address says which, in Grafana's form. */
export function ExplorePage({ address }: { readonly address: URL }) {
  const provisioned = useLoaded(
    "provisioned",
    (signal) => getJson<Provisioned>("/api/viewer/provisioned", signal),
    useGeneration(),
  );
  useEffect(() => {
    document.title = "Explore · miniserve viewer";
  }, []);
  if (provisioned.phase === "loading") {
    return <Message title="Loading …" />;
  }
  if (provisioned.phase === "failed") {
    return <Message kind="error" title={provisioned.error.message} />;
  }
  return <ExploreView address={address} datasources={provisioned.value.datasources} />;
}

interface ExploreViewProps {
  readonly address: URL;
  readonly datasources: readonly Datasource[];
}

/** Explore as its address says: the query, its answer, and the saved queries beside them. */
function ExploreView({ address, datasources }: ExploreViewProps) {
  const panes = address.searchParams.get("panes") ?? "";
  const state = useMemo(() => readExploreState(new URLSearchParams({ panes })), [panes]);
  const datasource = chosenDatasource(datasources, state.datasourceUid);
  const [runs, setRuns] = useState(0);
  const { from, to } = state.range;
  const range = useMemo(() => resolveRange({ from, to }, Date.now()), [from, to, runs]);
  const change = (changes: Partial<ExploreState>) => {
    goTo({ ...state, ...changes }, datasource);
    setRuns((count) => count + 1);
  };
  const context = useMemo(
    (): DashboardContextValue | undefined =>
      range === undefined
        ? undefined
        : {
            variables: new Map(),
            raw: { from, to },
            range,
            datasources,
            refreshes: runs,
            onRange: (raw: RawRange) => goTo({ ...state, range: raw }, datasource),
          },
    [range, runs, panes],
  );
  return (
    <div class="explore">
      <SavedQueryList state={state} datasource={datasource} />
      <div class="explore-main">
        <div class="bar-line">
          <h1>Explore</h1>
          <span class="weak">{datasource.name}</span>
          <span class="spread" />
          {range !== undefined && (
            <TimePicker
              raw={state.range}
              range={range}
              quickRanges={quickRanges}
              onChange={(raw) => change({ range: raw })}
            />
          )}
        </div>
        {isUnreadable(address, state) && (
          <Message kind="warning" title="The query of this link could not be read.">
            <p>
              It may be cut off, or of a Grafana older than 10. Choose a saved query, or write one
              here.
            </p>
          </Message>
        )}
        {context === undefined ? (
          <Message kind="error" title="The time range of this address is none.">
            <button
              type="button"
              class="button"
              onClick={() => change({ range: { from: "now-1h", to: "now" } })}
            >
              Show the last hour
            </button>
          </Message>
        ) : (
          <QueryResults
            key={panes}
            state={state}
            context={context}
            datasource={datasource}
            onChange={change}
          />
        )}
      </div>
    </div>
  );
}

/** An address that wants to ask something, of which nothing can be asked. */
function isUnreadable({ searchParams }: URL, { query }: ExploreState): boolean {
  const hasPanes = (searchParams.get("panes") ?? "") !== "";
  return searchParams.has("left") || (hasPanes && query.trim() === "");
}

interface QueryResultsProps {
  readonly state: ExploreState;
  readonly context: DashboardContextValue;
  readonly datasource: Datasource;
  readonly onChange: (changes: Partial<ExploreState>) => void;
}

function QueryResults({ state, context, datasource, onChange }: QueryResultsProps) {
  const [fault, setFault] = useState<string>();
  return (
    <>
      <QueryForm state={state} fault={fault} onRun={onChange} />
      <ExploreResults state={state} context={context} datasource={datasource} onFault={setFault} />
    </>
  );
}

/** The one that the address names, else the usual one. It need not exist: its answer says so then. */
function chosenDatasource(datasources: readonly Datasource[], uid: string | undefined): Datasource {
  const wanted = uid ?? datasourceUids.tempo;
  return (
    datasources.find((one) => one.uid === wanted) ?? {
      uid: wanted,
      name: `There is no datasource ${wanted}`,
      type: "tempo",
      isDefault: false,
      answeredBy: undefined,
    }
  );
}

function goTo(state: ExploreState, datasource: Datasource): void {
  const { searchParams } = new URL(addressOfState(state, datasource), location.origin);
  changeParameters(Object.fromEntries(searchParams));
}

const quickRanges: readonly QuickRange[] = [
  ["5m", "Last 5 minutes"],
  ["15m", "Last 15 minutes"],
  ["1h", "Last hour"],
  ["6h", "Last 6 hours"],
  ["24h", "Last 24 hours"],
  ["7d", "Last 7 days"],
].map(([ago, display = ""]) => ({ from: `now-${ago}`, to: "now", display }));

interface SavedQueryListProps {
  readonly state: ExploreState;
  readonly datasource: Datasource;
}

/** The saved queries of all services, each with what it asks and what to do when it finds something. */
function SavedQueryList({ state, datasource }: SavedQueryListProps) {
  const [words, setWords] = useState("");
  const wanted = words.trim().toLowerCase();
  const found = serviceQueries.filter(({ title, question, tags, service }) =>
    `${title} ${question} ${tags.join(" ")} ${service.name}`.toLowerCase().includes(wanted),
  );
  return (
    <aside class="saved-queries" aria-label="Saved queries">
      <h2>Saved queries</h2>
      <input
        type="search"
        aria-label="Search the saved queries"
        placeholder="Search"
        value={words}
        onInput={(event) => setWords(event.currentTarget.value)}
      />
      <ul>
        {found.map((query) => (
          <Entry
            key={`${query.service.id} ${query.id}`}
            query={query}
            state={state}
            datasource={datasource}
          />
        ))}
      </ul>
      {found.length === 0 && <p class="weak">No saved query has these words.</p>}
    </aside>
  );
}

interface EntryProps extends SavedQueryListProps {
  readonly query: ServiceQuery;
}

function Entry({ query, state, datasource }: EntryProps) {
  const { service, title, question, action, severity, parameters, table, count } = query;
  const at = (text: string, metricsQueryType = state.metricsQueryType) =>
    addressOfState({ ...state, query: text, metricsQueryType }, datasource);
  const isCurrent = state.query === table || state.query === count;
  return (
    <li class={isCurrent ? "current" : ""} data-query-id={query.id}>
      <a href={at(table)} aria-current={isCurrent ? "true" : undefined}>
        {title}
      </a>
      <span class={`severity severity-${severity}`}>{severity}</span>
      {services.length > 1 && <span class="weak"> {service.name}</span>}
      <p>{question}</p>
      <details open={isCurrent}>
        <summary>What to do</summary>
        <p>{action}</p>
        <dl>
          {Object.entries(parameters).map(([name, { brief, unit, ...parameter }]) => (
            <div key={name}>
              <dt>
                {name} = {String(parameter.default)} {unit?.replaceAll(/[{}]/g, "")}
              </dt>
              <dd class="weak">{brief}</dd>
            </div>
          ))}
        </dl>
        {count !== null && <a href={at(count, "range")}>Count them over time</a>}
      </details>
    </li>
  );
}

interface QueryFormProps {
  readonly state: ExploreState;
  /** What the store said of the query that was asked last, when it did not answer it. */
  readonly fault: string | undefined;
  readonly onRun: (changes: Partial<ExploreState>) => void;
}

const limits = [20, 50, 100, 200];

/** The query with its options, and what is wrong with it. */
function QueryForm({ state, fault, onRun }: QueryFormProps) {
  const [draft, setDraft] = useState(state.query);
  const isAsAsked = draft === state.query;
  const place = fault === undefined || !isAsAsked ? undefined : faultIn(state.query, fault);
  const run = () => onRun({ query: draft });
  return (
    <form
      class="query-form"
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
    >
      <QueryEditor text={draft} fault={place} onText={setDraft} onRun={run} />
      {fault !== undefined && isAsAsked && (
        <p id="query-fault" class="query-fault" role="alert">
          {fault}
        </p>
      )}
      <div class="bar-line">
        <button type="submit" class="button primary">
          Run query
        </button>
        <span class="weak keys">
          <kbd>Ctrl</kbd> <kbd>Enter</kbd> runs, <kbd>Ctrl</kbd> <kbd>Space</kbd> completes
        </span>
        <span class="spread" />
        <label class="option">
          Traces
          <select
            class="button"
            value={state.limit}
            onChange={(event) => onRun({ query: draft, limit: Number(event.currentTarget.value) })}
          >
            {[...new Set([...limits, state.limit])].map((limit) => (
              <option key={limit}>{limit}</option>
            ))}
          </select>
        </label>
        <label class="option">
          Metrics
          <select
            class="button"
            value={state.metricsQueryType}
            onChange={(event) =>
              onRun({
                query: draft,
                metricsQueryType: event.currentTarget.value === "instant" ? "instant" : "range",
              })
            }
          >
            <option value="range">over time</option>
            <option value="instant">one value</option>
          </select>
        </label>
        <ShareButton />
      </div>
    </form>
  );
}

/** The address says all, so that it is what is shared. */
function ShareButton() {
  const [said, setSaid] = useState("");
  const copy = () => {
    navigator.clipboard.writeText(location.href).then(
      () => setSaid("Copied"),
      () => setSaid("The browser does not let it: copy the address above."),
    );
  };
  return (
    <>
      <button type="button" class="button" onClick={copy}>
        <Icon name="link" /> Copy link
      </button>
      <span role="status" class="weak">
        {said}
      </span>
    </>
  );
}
