import { useCallback, useMemo, useState } from "preact/hooks";
import type { DashboardJson, RawRange } from "../../data/dashboard.ts";
import { allPanels } from "../../data/grid.ts";
import type { Datasource, Refusal } from "../../data/provisioned.ts";
import { resolveRange } from "../../data/time-range.ts";
import { readVariables, valuesOf } from "../../data/variables.ts";
import { Refusals } from "../dashboards-list/refusals.tsx";
import { changeParameters } from "../routing/address.ts";
import { Message } from "../shell/message.tsx";
import { DashboardBar } from "./dashboard-bar.tsx";
import { DashboardProvider } from "./dashboard-context.ts";
import { DashboardGrid } from "./dashboard-grid.tsx";
import { PanelFrame } from "./panel-frame.tsx";

interface DashboardViewProps {
  readonly dashboard: DashboardJson;
  readonly datasources: readonly Datasource[];
  readonly refusals: readonly Refusal[];
  readonly address: URL;
}

const usualRange: RawRange = { from: "now-1h", to: "now" };

/** A dashboard as its address says: range, variables, and perhaps one panel alone. */
export function DashboardView({ dashboard, datasources, refusals, address }: DashboardViewProps) {
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
    () => valuesOf(variables, new URLSearchParams(chosen)),
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
