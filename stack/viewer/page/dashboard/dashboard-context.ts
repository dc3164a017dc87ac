import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { RawRange } from "../../data/dashboard.ts";
import type { LinkContext } from "../../data/links.ts";
import type { Datasource } from "../../data/provisioned.ts";

/** What all panels of a dashboard have in common. */
export interface DashboardContextValue extends LinkContext {
  readonly datasources: readonly Datasource[];
  /** Grows whenever all is to be asked again. */
  readonly refreshes: number;
  readonly onRange: (raw: RawRange) => void;
}

const DashboardContext = createContext<DashboardContextValue | undefined>(undefined);

export const DashboardProvider = DashboardContext.Provider;

export function useDashboard(): DashboardContextValue {
  const value = useContext(DashboardContext);
  if (value === undefined) {
    throw new Error("A panel is outside a dashboard.");
  }
  return value;
}
