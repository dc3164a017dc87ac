import type { ComponentChildren } from "preact";
import { datasourceUids } from "#contract";
import type { ServerState } from "../../data/home/server-state.ts";
import type { Provisioned } from "../../data/provisioned.ts";
import { getJson } from "../api/get-json.ts";
import { useLoaded } from "../api/use-loaded.ts";

interface WhatRunsProps {
  readonly provisioned: Provisioned;
  readonly children: ComponentChildren;
}

/** The parts of the stack, each with whether it answers. */
export function WhatRuns({ provisioned, children }: WhatRunsProps) {
  const { serverUrl, tempoUrl, version, datasources } = provisioned;
  const server = useLoaded("server", (signal) =>
    getJson<ServerState>("/api/viewer/server", signal),
  );
  const store = useLoaded("store", (signal) =>
    getJson<{ version?: string }>(
      `/api/datasources/proxy/uid/${datasourceUids.tempo}/api/status/buildinfo`,
      signal,
    ),
  );
  const serverState = server.phase === "ready" ? server.value.state : undefined;
  const hasLog = datasources.some(({ answeredBy }) => answeredBy === "log file");
  return (
    <section class="card" aria-labelledby="home-runs">
      <h2 id="home-runs">What runs</h2>
      <dl class="runs">
        <Part
          name="Server"
          isGood={serverState === undefined ? undefined : serverState === "ready"}
          state={serverState === "none" ? "not part of this stack" : serverState}
          place={serverUrl}
        />
        <Part
          name="Trace store"
          isGood={store.phase === "loading" ? undefined : store.phase === "ready"}
          state={store.phase === "failed" ? store.error.message : "answers"}
          place={tempoUrl}
        />
        <Part
          name="Log"
          isGood={hasLog}
          state={hasLog ? "is read where it is written" : "no file to read"}
          place={null}
        />
        <Part name="Viewer" isGood={true} state={`version ${version}`} place={location.origin} />
      </dl>
      {children}
    </section>
  );
}

interface PartProps {
  readonly name: string;
  /** Undefined while it is asked. */
  readonly isGood: boolean | undefined;
  readonly state: string | undefined;
  readonly place: string | null;
}

function Part({ name, isGood, state, place }: PartProps) {
  const kind = isGood === undefined ? "asked" : isGood ? "good" : "bad";
  return (
    <div>
      <dt>
        <span class={`state-dot state-${kind}`} aria-hidden="true" />
        {name}
      </dt>
      <dd>
        {isGood === undefined ? "is asked …" : state}{" "}
        {place !== null && <code class="weak">{place}</code>}
      </dd>
    </div>
  );
}
