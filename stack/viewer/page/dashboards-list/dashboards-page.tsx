import { useEffect } from "preact/hooks";
import { type DashboardSummary, getPurpose, type Provisioned } from "../../data/provisioned.ts";
import { getJson, useLoaded } from "../api/load.ts";
import { useGeneration } from "../preview/preview.tsx";
import { Message, Refusals } from "../shell/message.tsx";

/** All dashboards, and what of the provisioning a Grafana would refuse. */
export function DashboardsPage() {
  const provisioned = useLoaded(
    "provisioned",
    (signal) => getJson<Provisioned>("/api/viewer/provisioned", signal),
    useGeneration(),
  );
  useEffect(() => {
    document.title = "Dashboards · miniserve viewer";
  }, []);
  if (provisioned.phase === "loading") {
    return <Message title="Loading …" />;
  }
  if (provisioned.phase === "failed") {
    return <Message kind="error" title={provisioned.error.message} />;
  }
  const { dashboards, refusals } = provisioned.value;
  return (
    <div class="page">
      <h1>Dashboards</h1>
      <Refusals refusals={refusals} />
      {dashboards.length === 0 && <Message title="No dashboard was provisioned." />}
      <ul class="dashboard-list">
        {dashboards.map((dashboard) => (
          <li key={dashboard.uid}>
            <a href={dashboard.url}>{dashboard.title}</a>
            <p>{getPurpose(dashboard)}</p>
            <p class="tags">
              {listSearchWords(dashboard).map((word) => (
                <span key={word}>{word}</span>
              ))}
            </p>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The folder and the tags, which often repeat it. */
function listSearchWords({ folder, tags }: DashboardSummary): string[] {
  return [...new Set([folder, ...tags])].filter((word) => word !== "");
}
