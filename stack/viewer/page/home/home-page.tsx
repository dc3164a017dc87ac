import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { datasourceUids, exploreLink, type SavedQuery, type Service } from "#contract";
import { exploreAddress } from "../../data/explore/explore-state.ts";
import { resultFrame } from "../../data/explore/result-frame.ts";
import {
  countIn,
  createNewestQuery,
  createTraceQuery,
  readableRequests,
  type SampleReport,
  type ServerState,
} from "../../data/home/home-queries.ts";
import { type Datasource, getPurpose, type Provisioned } from "../../data/provisioned.ts";
import { createTargetRequest } from "../../data/target-request.ts";
import type { MetricsAnswer, SearchAnswer } from "../../data/tempo-answers.ts";
import { formatText } from "../../data/units.ts";
import { getJson, inTurn, type Loaded, postJson, useLoaded } from "../api/load.ts";
import type { DashboardContextValue } from "../dashboard/dashboard-context.ts";
import { askPanel, listQueries, type PanelData } from "../dashboard/panel-data.ts";
import { TablePanel } from "../panels/table.tsx";
import { useGeneration } from "../preview/preview.tsx";
import { serviceQueries, services } from "../services.ts";
import { Message, Refusals } from "../shell/message.tsx";
import { useTheme } from "../shell/theme.ts";
import { keepResultList } from "../trace/result-list.ts";
import { ContractCard } from "./contract-card.tsx";

/** The first page: what runs, and the ways from here. */
export function HomePage() {
  const [asked, setAsked] = useState(0);
  const [service, setService] = useState<Service>(services[0]);
  const provisioned = useLoaded(
    "provisioned",
    (signal) => getJson<Provisioned>("/api/viewer/provisioned", signal),
    useGeneration(),
  );
  useEffect(() => {
    document.title = "miniserve viewer";
  }, []);
  if (provisioned.phase === "loading") {
    return <Message title="Loading …" />;
  }
  if (provisioned.phase === "failed") {
    return <Message kind="error" title={provisioned.error.message} />;
  }
  const { dashboards, refusals, datasources } = provisioned.value;
  return (
    <div class="home">
      <h1 class="home-title">miniserve</h1>
      <Refusals refusals={refusals} />
      <div class="home-columns">
        <WhatRuns provisioned={provisioned.value}>
          {provisioned.value.serverUrl !== null && (
            <SampleButton onStored={() => setAsked((count) => count + 1)} />
          )}
        </WhatRuns>
        <section class="card" aria-labelledby="home-dashboards">
          <h2 id="home-dashboards">Dashboards</h2>
          <ul class="link-list">
            {dashboards.map((dashboard) => (
              <li key={dashboard.uid}>
                <a href={dashboard.url}>{dashboard.title}</a>
                <p class="weak">{getPurpose(dashboard)}</p>
              </li>
            ))}
          </ul>
        </section>
      </div>
      <ServiceChoice service={service} onChosen={setService} />
      <NewestRequests key={service.id} service={service} datasources={datasources} asked={asked} />
      <ContractCard key={`${service.id} contract`} service={service} asked={asked} />
      <SavedCounts key={`${service.id} counts`} service={service} asked={asked} />
    </div>
  );
}

interface ServiceChoiceProps {
  readonly service: Service;
  readonly onChosen: (service: Service) => void;
}

/** Whose requests and saved queries are shown; nothing to choose where there is one service. */
function ServiceChoice({ service, onChosen }: ServiceChoiceProps) {
  return services.length === 1 ? null : (
    <label class="service-choice">
      Service{" "}
      <select
        value={service.id}
        onChange={({ currentTarget: { value } }) =>
          onChosen(services.find(({ id }) => id === value) ?? service)
        }
      >
        {services.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

interface NewestRequestsProps {
  readonly service: Service;
  readonly datasources: readonly Datasource[];
  /** Grows whenever they are to be asked for again. */
  readonly asked: number;
}

const raw = { from: "now-24h", to: "now" };
const dayMs = 86_400_000;
const tempoPath = `/api/datasources/proxy/uid/${datasourceUids.tempo}`;
const tempo = { type: "tempo", uid: datasourceUids.tempo };

function createPanel({ contract }: Service) {
  const query = createNewestQuery(contract);
  return {
    type: "table",
    title: "Newest requests",
    targets: [{ query, limit: 10, spss: 1, datasource: tempo }],
  };
}

/** The requests of the last day, the newest first, each with the way to its trace. */
function NewestRequests({ service, datasources, asked }: NewestRequestsProps) {
  const panel = useMemo(() => createPanel(service), [service]);
  const context = useMemo((): DashboardContextValue => {
    const toMs = Date.now();
    const range = { fromMs: toMs - dayMs, toMs };
    return { variables: new Map(), raw, range, datasources, refreshes: asked, onRange: () => {} };
  }, [datasources, asked]);
  const loaded = useLoaded(
    "newest",
    (signal) => askPanel(listQueries(panel, context), context.range.toMs, signal),
    asked,
  );
  return (
    <section class="card" aria-labelledby="home-newest">
      <h2 id="home-newest">
        Newest requests{" "}
        <a
          href={exploreAddress(
            { datasource: tempo, query: createNewestQuery(service.contract), limit: 20 },
            raw,
          )}
        >
          Open in Explore
        </a>
      </h2>
      {loaded.phase === "loading" && <p class="weak">Asking …</p>}
      {loaded.phase === "failed" && <p class="sample-fault">{loaded.error.message}</p>}
      {loaded.phase === "ready" && (
        <Requests service={service} data={loaded.value} context={context} />
      )}
    </section>
  );
}

interface RequestsProps {
  readonly service: Service;
  readonly data: PanelData;
  readonly context: DashboardContextValue;
}

function Requests({ service, data, context }: RequestsProps) {
  const theme = useTheme();
  const frames = useMemo(
    () => [readableRequests(service.contract, resultFrame("search", data.frames))],
    [service, data],
  );
  const ids = frames[0]?.fields.find(({ name }) => name === "traceIdHidden")?.values ?? [];
  useEffect(() => {
    const traceIds = [...new Set(ids.map(String))];
    keepResultList({ title: "Newest requests", href: "/", traceIds });
  }, [frames]);
  return ids.length === 0 ? (
    <p class="weak">No request in the last day. Send one.</p>
  ) : (
    <TablePanel
      panel={createPanel(service)}
      frames={frames}
      data={data}
      context={context}
      theme={theme}
    />
  );
}

interface WhatRunsProps {
  readonly provisioned: Provisioned;
  readonly children: ComponentChildren;
}

/** The parts of the stack, each with whether it answers. */
function WhatRuns({ provisioned, children }: WhatRunsProps) {
  const { serverUrl, tempoUrl, version, datasources } = provisioned;
  const server = useLoaded("server", (signal) =>
    getJson<ServerState>("/api/viewer/server", signal),
  );
  const store = useLoaded("store", (signal) =>
    getJson<{ version?: string }>(`${tempoPath}/api/status/buildinfo`, signal),
  );
  const hasLog = datasources.some(({ answeredBy }) => answeredBy === "log file");
  return (
    <section class="card" aria-labelledby="home-runs">
      <h2 id="home-runs">What runs</h2>
      <dl class="runs">
        <Part name="Server" {...serverPart(server)} place={serverUrl} />
        <Part
          name="Trace store"
          condition={{ loading: "asked", ready: "good", failed: "bad" }[store.phase] as Condition}
          state={store.phase === "failed" ? store.error.message : "answers"}
          place={tempoUrl}
        />
        <Part
          name="Log"
          condition={hasLog ? "good" : "absent"}
          state={hasLog ? "is read where it is written" : "no file to read"}
          place={null}
        />
        <Part name="Viewer" condition="good" state={`version ${version}`} place={location.origin} />
      </dl>
      {children}
    </section>
  );
}

/** `absent`: there is none, and that is no fault. */
type Condition = "asked" | "good" | "bad" | "absent";

function serverPart(server: Loaded<ServerState>): { condition: Condition; state: string } {
  if (server.phase !== "ready") {
    return server.phase === "failed"
      ? { condition: "bad", state: server.error.message }
      : { condition: "asked", state: "" };
  }
  const { state } = server.value;
  return state === "none"
    ? { condition: "absent", state: "not part of this stack" }
    : { condition: state === "ready" ? "good" : "bad", state };
}

interface PartProps {
  readonly name: string;
  readonly condition: Condition;
  readonly state: string;
  readonly place: string | null;
}

function Part({ name, condition, state, place }: PartProps) {
  return (
    <div>
      <dt>
        <span class={`state-dot state-${condition}`} aria-hidden="true" />
        {name}
      </dt>
      <dd>
        <span>{condition === "asked" ? "is asked …" : state}</span>{" "}
        {place !== null && <code class="weak">{place}</code>}
      </dd>
    </div>
  );
}

interface SampleButtonProps {
  /** Called when its trace is in the store, or should have been for long. */
  readonly onStored: () => void;
}

const pauseMs = 500;
const patienceMs = 20_000;

/** Spans are sent in batches: they are in the store some time after the answer. */
async function untilStored(traceId: string): Promise<void> {
  const query = createTraceQuery(services[0].contract, traceId);
  const fromMs = Date.now() - patienceMs;
  for (let passedMs = 0; passedMs < patienceMs; passedMs += pauseMs) {
    const request = createTargetRequest({ limit: 1 }, query, {
      fromMs,
      toMs: Date.now() + patienceMs,
    });
    const found = await getJson<SearchAnswer>(`${tempoPath}${request?.path}`);
    if ((found.traces ?? []).length > 0) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Sends the server one small request, and leads to its trace. */
function SampleButton({ onStored }: SampleButtonProps) {
  const [isSending, setSending] = useState(false);
  const [report, setReport] = useState<SampleReport>();
  const [fault, setFault] = useState<string>();
  const sendIt = async () => {
    setSending(true);
    setFault(undefined);
    setReport(undefined);
    try {
      const sent = await postJson<SampleReport>("/api/viewer/sample-request");
      setReport(sent);
      setSending(false);
      if (sent.traceId !== null) {
        await untilStored(sent.traceId);
      }
      onStored();
    } catch (error) {
      setFault((error as Error).message);
    } finally {
      setSending(false);
    }
  };
  return (
    <div class="sample">
      <button
        type="button"
        class="button primary"
        disabled={isSending}
        onClick={() => void sendIt()}
      >
        {isSending ? "The model answers …" : "Send a sample request"}
      </button>
      <p role="status" class={fault === undefined ? "" : "sample-fault"}>
        {fault}
        {report !== undefined && <Sent report={report} />}
      </p>
    </div>
  );
}

function Sent({ report: { traceId, durationMs, completionTokens } }: { report: SampleReport }) {
  const tokens = completionTokens === null ? "" : `${completionTokens} tokens in `;
  return (
    <>
      Answered: {tokens}
      {formatText(durationMs, "ms")}.{" "}
      {traceId === null ? (
        "It has no trace."
      ) : (
        <a href={`/trace/${encodeURIComponent(traceId)}`}>Its trace</a>
      )}
    </>
  );
}

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
function SavedCounts({ service, asked }: { readonly service: Service; readonly asked: number }) {
  const saved = useMemo(
    () => serviceQueries.filter((query) => query.service === service),
    [service],
  );
  const [counts, setCounts] = useState<ReadonlyMap<string, Count>>(new Map());
  useEffect(() => {
    const controller = new AbortController();
    const toMs = Date.now();
    for (const query of saved) {
      void fetchCount(query, toMs, controller.signal).then((count) => {
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
async function fetchCount(
  { count }: SavedQuery,
  toMs: number,
  signal: AbortSignal,
): Promise<Count | undefined> {
  const target = { query: count ?? "", metricsQueryType: "instant" };
  const request = createTargetRequest(target, target.query, { fromMs: toMs - hourMs, toMs });
  if (request === undefined) {
    return undefined;
  }
  const address = tempoPath + request.path;
  try {
    return countIn(await inTurn(signal, () => getJson<MetricsAnswer>(address, signal)));
  } catch (error) {
    return signal.aborted ? undefined : (error as Error);
  }
}
