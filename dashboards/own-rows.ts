import type { Contract, OwnDashboards, Service } from "#contract";
import { createContext, type DashboardContext } from "./context.ts";
import type { Row } from "./dashboard.ts";
import type { PanelBuilder } from "./shapes/panel-builder.ts";

/** What the overview of one service has besides that of any service. */
export interface OwnRows {
  /** Beside the numbers of the row "Now". */
  readonly now?: readonly PanelBuilder[];
  /** In "How much?" and "How fast?". */
  readonly howMuch?: readonly PanelBuilder[];
  readonly howFast?: readonly PanelBuilder[];
  /** Rows of their own, before "The newest". */
  readonly rows?: readonly Row[];
}

interface OwnDashboardRows<C extends Contract> extends OwnDashboards<C> {
  readonly build: (board: DashboardContext<C>) => OwnRows;
}

/** The rows that only this contract's service has: the default export of a module that its configuration names. */
export function defineOwnRows<C extends Contract>(
  contract: C,
  build: (board: DashboardContext<C>) => OwnRows,
): OwnDashboardRows<C> {
  return { contract, build };
}

/** Builds the rows that a service's configuration names. */
export async function loadOwnRows(service: Service): Promise<OwnRows> {
  const module = await service.dashboards?.();
  const own = module?.default as OwnDashboardRows<Contract> | undefined;
  return own?.build(createContext(service)) ?? {};
}
