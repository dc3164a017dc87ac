import type { ComponentType } from "preact";
import type { Theme } from "../../data/colours.ts";
import type { PanelJson } from "../../data/dashboard.ts";
import type { Frame } from "../../data/frame.ts";
import type { DashboardContextValue } from "../dashboard/dashboard-context.ts";
import type { PanelData } from "../dashboard/panel-data.ts";

export interface PanelViewProps {
  readonly panel: PanelJson;
  /** Transformed and configured as the panel says. */
  readonly frames: readonly Frame[];
  readonly data: PanelData;
  readonly context: DashboardContextValue;
  readonly theme: Theme;
}

/** A type of panel: how it shows its data, and when there are none. */
export interface PanelShape {
  readonly View: ComponentType<PanelViewProps>;
  /** Whether it shows answers to queries at all. */
  readonly asks: boolean;
  readonly isEmpty: (data: PanelData) => boolean;
}
