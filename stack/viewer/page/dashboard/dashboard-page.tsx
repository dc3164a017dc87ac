import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import {
  allPanels,
  type DashboardJson,
  type PanelJson,
  type QuickRange,
  type RawRange,
  type Section,
  splitSections,
} from "../../data/dashboard.ts";
import { createLink } from "../../data/links.ts";
import { withUnchangedPanels } from "../../data/preview.ts";
import type { Datasource, Provisioned, Refusal } from "../../data/provisioned.ts";
import { resolveRange } from "../../data/time-range.ts";
import { readVariables, resolveVariableValues, type Variable } from "../../data/variables.ts";
import { getJson, useLoaded } from "../api/load.ts";
import { useGeneration } from "../preview/preview.tsx";
import { changeParameters } from "../routing/address.ts";
import { Icon } from "../shell/icon.tsx";
import { Boundary, Message, Refusals } from "../shell/message.tsx";
import { RefreshPicker, TimePicker } from "../time/time-picker.tsx";
import { type DashboardContextValue, DashboardProvider } from "./dashboard-context.ts";
import { PanelFrame } from "./panel-frame.tsx";
import { VariablesBar } from "./variables-bar.tsx";

interface DashboardPageProps {
  readonly uid: string;
  readonly address: URL;
}

/** The page of a dashboard: loads it, with what it may ask. */
export function DashboardPage({ uid, address }: DashboardPageProps) {
  const last = useRef<DashboardJson>(undefined);
  const load = async (signal: AbortSignal) => {
    const [{ dashboard }, provisioned] = await Promise.all([
      getJson<{ dashboard: DashboardJson }>(`/api/dashboards/uid/${uid}`, signal),
      getJson<Provisioned>("/api/viewer/provisioned", signal),
    ]);
    last.current = withUnchangedPanels(last.current, dashboard);
    return { dashboard: last.current, provisioned };
  };
  const loaded = useLoaded(uid, load, useGeneration());
  const title = loaded.phase === "ready" ? loaded.value.dashboard.title : "Dashboard";
  useEffect(() => {
    document.title = `${title} · miniserve viewer`;
  }, [title]);
  if (loaded.phase === "loading") {
    return <Message title="Loading the dashboard …" />;
  }
  if (loaded.phase === "failed") {
    return (
      <Message kind="error" title={loaded.error.message}>
        <a href="/dashboards">All dashboards</a>
      </Message>
    );
  }
  const { dashboard, provisioned } = loaded.value;
  return (
    <Boundary
      round={dashboard}
      fallback={(error) => (
        <Message kind="error" title={`This dashboard cannot be drawn: ${error.message}`} />
      )}
    >
      <DashboardView
        dashboard={dashboard}
        datasources={provisioned.datasources}
        refusals={provisioned.refusals}
        address={address}
      />
    </Boundary>
  );
}

interface DashboardViewProps {
  readonly dashboard: DashboardJson;
  readonly datasources: readonly Datasource[];
  readonly refusals: readonly Refusal[];
  readonly address: URL;
}

const usualRange: RawRange = { from: "now-1h", to: "now" };

/** A dashboard as its address says: range, variables, and perhaps one panel alone. */
function DashboardView({ dashboard, datasources, refusals, address }: DashboardViewProps) {
  const parameters = address.searchParams;
  const [refreshes, setRefreshes] = useState(0);
  const saved = dashboard.time ?? usualRange;
  const from = parameters.get("from") ?? saved.from;
  const to = parameters.get("to") ?? saved.to;
  // "Now" is one time for all panels, until all are asked again.
  const range = useMemo(() => resolveRange({ from, to }, Date.now()), [from, to, refreshes]);
  const variables = useMemo(() => readVariables(dashboard.templating?.list), [dashboard]);
  const chosen = address.search;
  const values = useMemo(
    () => resolveVariableValues(variables, new URLSearchParams(chosen)),
    [variables, chosen],
  );
  const onRange = useCallback(
    (raw: RawRange) => changeParameters({ from: raw.from, to: raw.to }),
    [],
  );
  const context = useMemo(
    () =>
      range === undefined
        ? undefined
        : { variables: values, raw: { from, to }, range, datasources, refreshes, onRange },
    [values, from, to, range, datasources, refreshes, onRange],
  );
  const viewed = parameters.get("viewPanel")?.replace(/^panel-/, "");
  const onlyPanel = allPanels(dashboard.panels).find(({ id }) => String(id) === viewed);
  if (context === undefined) {
    return (
      <Message kind="error" title="The time range of this address is none.">
        <button type="button" class="button" onClick={() => onRange(saved)}>
          Show {saved.from} to {saved.to}
        </button>
      </Message>
    );
  }
  return (
    <DashboardProvider value={context}>
      <DashboardBar
        dashboard={dashboard}
        context={context}
        variables={variables}
        interval={parameters.get("refresh") ?? (dashboard.refresh || "")}
        isOnePanel={onlyPanel !== undefined}
        onRefresh={useCallback(() => setRefreshes((count) => count + 1), [])}
      />
      <Refusals refusals={refusals} />
      {onlyPanel === undefined ? (
        <DashboardGrid key={dashboard.uid} panels={dashboard.panels ?? []} />
      ) : (
        <div class="one-panel">
          <PanelFrame panel={onlyPanel} isAlone={true} />
        </div>
      )}
    </DashboardProvider>
  );
}

/** Of the page, in columns. */
const aThird = 8;

/** The panels in Grafana's grid of 24 columns, under rows that fold. */
function DashboardGrid({ panels }: { readonly panels: readonly PanelJson[] }) {
  return (
    <div class="dashboard">
      {splitSections(panels).map((section, index) => (
        <GridSection key={section.row?.id ?? `top-${index}`} section={section} />
      ))}
    </div>
  );
}

function GridSection({ section }: { readonly section: Section }) {
  const { row, panels } = section;
  const [isFolded, setIsFolded] = useState(section.isFoldedAtFirst);
  return (
    <section aria-label={row?.title ?? "Panels"}>
      {row !== undefined && (
        <h2 class="row-title">
          <button type="button" aria-expanded={!isFolded} onClick={() => setIsFolded(!isFolded)}>
            <Icon name="chevron" />
            {row.title}
            {isFolded && <span class="weak"> ({panels.length} panels)</span>}
            {row.repeat !== undefined && (
              <span class="weak"> (not repeated for each {row.repeat} here)</span>
            )}
          </button>
        </h2>
      )}
      {!isFolded && (
        <div class="grid">
          {panels.map(({ panel, position: { x, y, w, h } }) => (
            <div
              key={panel.id ?? `${x}-${y}`}
              class={w < aThird ? "grid-place narrow" : "grid-place"}
              style={{
                "--column": `${x + 1} / span ${w}`,
                "--row": `${y + 1} / span ${h}`,
                "--height": String(h),
              }}
            >
              <PanelFrame panel={panel} isAlone={false} />
            </div>
          ))}
        </div>
      )}
    </section>
  );
}

interface DashboardBarProps {
  readonly dashboard: DashboardJson;
  readonly context: DashboardContextValue;
  readonly variables: readonly Variable[];
  readonly interval: string;
  readonly isOnePanel: boolean;
  readonly onRefresh: () => void;
}

/** What stands above the panels: the title, the time, the variables, links to other dashboards. */
function DashboardBar({ dashboard, context, variables, ...props }: DashboardBarProps) {
  const { timepicker = {}, links = [] } = dashboard;
  return (
    <div class="dashboard-bar">
      <div class="bar-line">
        <h1 title={dashboard.description}>{dashboard.title}</h1>
        {props.isOnePanel && (
          <button
            type="button"
            class="button"
            onClick={() => changeParameters({ viewPanel: undefined })}
          >
            All panels
          </button>
        )}
        <span class="spread" />
        {timepicker.hidden !== true && (
          <TimePicker
            raw={context.raw}
            range={context.range}
            quickRanges={timepicker.quick_ranges ?? usualRanges}
            onChange={context.onRange}
          />
        )}
        <RefreshPicker
          interval={props.interval}
          intervals={timepicker.refresh_intervals ?? usualIntervals}
          onInterval={(refresh) => changeParameters({ refresh })}
          onRefresh={props.onRefresh}
        />
      </div>
      <div class="bar-line">
        <VariablesBar
          variables={variables}
          values={context.variables}
          onChange={(name, values) => changeParameters({ [`var-${name}`]: values })}
        />
        <span class="spread" />
        <nav class="dashboard-links" aria-label="Links of the dashboard">
          {links.map((json) => {
            const link = createLink(json, context);
            return (
              link !== undefined && (
                <a
                  key={json.title}
                  href={link.href}
                  title={json.tooltip}
                  {...(link.isNewTab ? { target: "_blank", rel: "noreferrer" } : {})}
                >
                  {link.title}
                </a>
              )
            );
          })}
        </nav>
      </div>
    </div>
  );
}

const usualIntervals = ["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h"];

const usualRanges: readonly QuickRange[] = [
  ["5m", "Last 5 minutes"],
  ["15m", "Last 15 minutes"],
  ["1h", "Last hour"],
  ["3h", "Last 3 hours"],
  ["6h", "Last 6 hours"],
  ["12h", "Last 12 hours"],
  ["24h", "Last 24 hours"],
].map(([ago, display = ""]) => ({ from: `now-${ago}`, to: "now", display }));
