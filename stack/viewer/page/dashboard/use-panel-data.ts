import { useEffect, useMemo, useState } from "preact/hooks";
import type { PanelJson } from "../../data/dashboard.ts";
import { useDashboard } from "./dashboard-context.ts";
import { askPanel, type PanelData, type PanelQuery, queriesOf } from "./panel-data.ts";

export interface PanelState {
  readonly queries: readonly PanelQuery[];
  /** Of the last answers; they stay while new ones are waited for. */
  readonly data: PanelData | undefined;
  readonly error: Error | undefined;
  readonly isLoading: boolean;
  /** The name of the datasource that would have to be asked and is only Grafana's. */
  readonly askedOnlyInGrafana: string | undefined;
}

interface Settled {
  readonly key: string;
  readonly data: PanelData | undefined;
  readonly error: Error | undefined;
}

/** Asks a panel's queries once it is seen, and anew whenever they or the time range change. */
export function usePanelData(panel: PanelJson, isSeen: boolean): PanelState {
  const context = useDashboard();
  const queries = useMemo(() => queriesOf(panel, context), [panel, context]);
  const key = `${context.refreshes} ${queries.map(({ address }) => address).join(" ")}`;
  const [settled, setSettled] = useState<Settled>();
  const { toMs } = context.range;
  const { askedOnlyInGrafana } = queries.find((query) => query.askedOnlyInGrafana) ?? {};
  const isSettled = askedOnlyInGrafana !== undefined || settled?.key === key;
  const isDue = isSeen && !isSettled;
  useEffect(() => {
    if (!isDue) {
      return;
    }
    const controller = new AbortController();
    askPanel(queries, toMs, controller.signal).then(
      (data) => setSettled({ key, data, error: undefined }),
      (error: Error) => {
        if (!controller.signal.aborted) {
          setSettled((before) => ({ key, data: before?.data, error }));
        }
      },
    );
    return () => controller.abort();
  }, [key, isDue]);
  return {
    queries,
    data: settled?.data,
    error: settled?.key === key ? settled.error : undefined,
    isLoading: !isSettled,
    askedOnlyInGrafana,
  };
}
