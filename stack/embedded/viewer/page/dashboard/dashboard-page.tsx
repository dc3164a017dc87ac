import { useEffect } from "preact/hooks";
import type { DashboardJson } from "../../data/dashboard.ts";
import type { Provisioned } from "../../data/provisioned.ts";
import { getJson } from "../api/get-json.ts";
import { useLoaded } from "../api/use-loaded.ts";
import { Message } from "../shell/message.tsx";
import { DashboardView } from "./dashboard-view.tsx";

interface DashboardPageProps {
  readonly uid: string;
  readonly address: URL;
}

/** The page of a dashboard: loads it, with what it may ask. */
export function DashboardPage({ uid, address }: DashboardPageProps) {
  const loaded = useLoaded(uid, async (signal) => {
    const [{ dashboard }, provisioned] = await Promise.all([
      getJson<{ dashboard: DashboardJson }>(`/api/dashboards/uid/${uid}`, signal),
      getJson<Provisioned>("/api/viewer/provisioned", signal),
    ]);
    return { dashboard, provisioned };
  });
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
    <DashboardView
      dashboard={dashboard}
      datasources={provisioned.datasources}
      refusals={provisioned.refusals}
      address={address}
    />
  );
}
