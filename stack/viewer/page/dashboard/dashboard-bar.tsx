import type { DashboardJson, QuickRange } from "../../data/dashboard.ts";
import { linkOf } from "../../data/links.ts";
import type { Variable } from "../../data/variables.ts";
import { changeParameters } from "../routing/address.ts";
import { RefreshPicker } from "../time/refresh-picker.tsx";
import { TimePicker } from "../time/time-picker.tsx";
import type { DashboardContextValue } from "./dashboard-context.ts";
import { VariablesBar } from "./variables-bar.tsx";

interface DashboardBarProps {
  readonly dashboard: DashboardJson;
  readonly context: DashboardContextValue;
  readonly variables: readonly Variable[];
  readonly interval: string;
  readonly isOnePanel: boolean;
  readonly onRefresh: () => void;
}

/** What stands above the panels: the title, the time, the variables, links to other dashboards. */
export function DashboardBar({ dashboard, context, variables, ...props }: DashboardBarProps) {
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
            const link = linkOf(json, context);
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
