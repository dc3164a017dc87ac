import { useEffect, useRef } from "preact/hooks";
import type { DashboardJson } from "../../data/dashboard.ts";
import type { Provisioned } from "../../data/provisioned.ts";
import { withUnchangedPanels } from "../../data/unchanged-parts.ts";
import { getJson } from "../api/get-json.ts";
import { useLoaded } from "../api/use-loaded.ts";
import { useGeneration } from "../preview/preview-state.ts";
import { Boundary } from "../shell/boundary.tsx";
import { Message } from "../shell/message.tsx";
import { DashboardView } from "./dashboard-view.tsx";

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
