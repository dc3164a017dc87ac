import type { ComponentChildren } from "preact";
import { datasourceUids } from "#contract";
import type { ServerState } from "../../data/home/server-state.ts";
import type { Provisioned } from "../../data/provisioned.ts";
import { getJson } from "../api/get-json.ts";
import { type Loaded, useLoaded } from "../api/use-loaded.ts";

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
  const hasLog = datasources.some(({ answeredBy }) => answeredBy === "log file");
  return (
    <section class="card" aria-labelledby="home-runs">
      <h2 id="home-runs">What runs</h2>
      <dl class="runs">
        <Part name="Server" {...serverPart(server)} place={serverUrl} />
        <Part
          name="Trace store"
          condition={{ loading: "asked", ready: "good", failed: "bad" }[store.phase] as Condition}
          state={store.phase === "failed" ? store.error.message : "answers"}
          place={tempoUrl}
        />
        <Part
          name="Log"
          condition={hasLog ? "good" : "absent"}
          state={hasLog ? "is read where it is written" : "no file to read"}
          place={null}
        />
        <Part name="Viewer" condition="good" state={`version ${version}`} place={location.origin} />
      </dl>
      {children}
    </section>
  );
}

/** `absent`: there is none, and that is no fault. */
type Condition = "asked" | "good" | "bad" | "absent";

function serverPart(server: Loaded<ServerState>): { condition: Condition; state: string } {
  if (server.phase !== "ready") {
    return server.phase === "failed"
      ? { condition: "bad", state: server.error.message }
      : { condition: "asked", state: "" };
  }
  const { state } = server.value;
  return state === "none"
    ? { condition: "absent", state: "not part of this stack" }
    : { condition: state === "ready" ? "good" : "bad", state };
}

interface PartProps {
  readonly name: string;
  readonly condition: Condition;
  readonly state: string;
  readonly place: string | null;
}

function Part({ name, condition, state, place }: PartProps) {
  return (
    <div>
      <dt>
        <span class={`state-dot state-${condition}`} aria-hidden="true" />
        {name}
      </dt>
      <dd>
        <span>{condition === "asked" ? "is asked …" : state}</span>{" "}
        {place !== null && <code class="weak">{place}</code>}
      </dd>
    </div>
  );
}
