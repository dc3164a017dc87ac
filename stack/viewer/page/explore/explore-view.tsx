import { useMemo, useState } from "preact/hooks";
import { datasourceUids } from "#contract";
import type { QuickRange, RawRange } from "../../data/dashboard.ts";
import {
  addressOfState,
  type ExploreState,
  readExploreState,
} from "../../data/explore/explore-state.ts";
import type { Datasource } from "../../data/provisioned.ts";
import { resolveRange } from "../../data/time-range.ts";
import type { DashboardContextValue } from "../dashboard/dashboard-context.ts";
import { changeParameters } from "../routing/address.ts";
import { Message } from "../shell/message.tsx";
import { TimePicker } from "../time/time-picker.tsx";
import { ExploreResults } from "./explore-results.tsx";
import { QueryForm } from "./query-form.tsx";
import { SavedQueryList } from "./saved-query-list.tsx";

interface ExploreViewProps {
  readonly address: URL;
  readonly datasources: readonly Datasource[];
}

/** Explore as its address says: the query, its answer, and the saved queries beside them. */
export function ExploreView({ address, datasources }: ExploreViewProps) {
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
          <Asked
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

interface AskedProps {
  readonly state: ExploreState;
  readonly context: DashboardContextValue;
  readonly datasource: Datasource;
  readonly onChange: (changes: Partial<ExploreState>) => void;
}

function Asked({ state, context, datasource, onChange }: AskedProps) {
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
