import { useEffect, useState } from "preact/hooks";
import { type Provisioned, purposeOf } from "../../data/provisioned.ts";
import { getJson } from "../api/get-json.ts";
import { useLoaded } from "../api/use-loaded.ts";
import { Refusals } from "../dashboards-list/refusals.tsx";
import { useGeneration } from "../preview/preview-state.ts";
import { Message } from "../shell/message.tsx";
import { NewestRequests } from "./newest-requests.tsx";
import { SampleButton } from "./sample-button.tsx";
import { SavedCounts } from "./saved-counts.tsx";
import { WhatRuns } from "./what-runs.tsx";

/** The first page: what runs, and the ways from here. */
export function HomePage() {
  const [asked, setAsked] = useState(0);
  const provisioned = useLoaded(
    "provisioned",
    (signal) => getJson<Provisioned>("/api/viewer/provisioned", signal),
    useGeneration(),
  );
  useEffect(() => {
    document.title = "miniserve viewer";
  }, []);
  if (provisioned.phase === "loading") {
    return <Message title="Loading …" />;
  }
  if (provisioned.phase === "failed") {
    return <Message kind="error" title={provisioned.error.message} />;
  }
  const { dashboards, refusals, datasources } = provisioned.value;
  return (
    <div class="home">
      <h1 class="home-title">miniserve</h1>
      <Refusals refusals={refusals} />
      <div class="home-columns">
        <WhatRuns provisioned={provisioned.value}>
          <SampleButton onStored={() => setAsked((count) => count + 1)} />
        </WhatRuns>
        <section class="card" aria-labelledby="home-dashboards">
          <h2 id="home-dashboards">Dashboards</h2>
          <ul class="link-list">
            {dashboards.map((dashboard) => (
              <li key={dashboard.uid}>
                <a href={dashboard.url}>{dashboard.title}</a>
                <p class="weak">{purposeOf(dashboard)}</p>
              </li>
            ))}
          </ul>
        </section>
      </div>
      <NewestRequests datasources={datasources} asked={asked} />
      <SavedCounts asked={asked} />
    </div>
  );
}
