import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { withMethods } from "../support/altered-engine.ts";
import { InProcessServer } from "../support/in-process-server.ts";
import { documents, IndexScene } from "../support/index-fixture.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { patienceMs } from "../support/patience.ts";
import { assertNoComplaints } from "../support/request-record.ts";
import { Audit, type Verdict } from "./audit.ts";
import { endedByThemselves, endedByTime, endless } from "./certain-requests.ts";
import { Clients, type Seen } from "./client.ts";
import { engineWithFaults } from "./engine-with-faults.ts";
import { indexNames } from "./planned-content.ts";
import { FaultPlan } from "./planned-faults.ts";
import { type PlannedRequest, plannedRequest } from "./planned-request.ts";
import { assertAllKinds, countRequestKinds } from "./request-kinds.ts";
import { retrieverWithFaults } from "./retriever-with-faults.ts";

const seed = 20_260_118;
const atOnce = 16;
/** Requests that run, or come, while the server stops. */
const atTheEnd = 40;
/** How long those may go on that run when the server is stopped. */
const stopLimitMs = 300;
const settings = {
  MINISERVE_SLOTS: "8",
  MINISERVE_QUEUE_LIMIT: "6",
  MINISERVE_SLOT_TOKENS: "2048",
  MINISERVE_PREFILL_CHUNK_TOKENS: "16",
  MINISERVE_BODY_LIMIT_BYTES: "65536",
};

/**
 * Sends a random mix of requests, stops a server in the middle of the last ones, and holds each
 * request against what it left behind.
 *
 * What has to come at all comes from a server that gives requests all the time that they need: on a
 * busy machine a mix with a limit of a second may hold nothing but requests whose time is over.
 */
export async function runMixedLoad(t: TestContext, requests: number): Promise<void> {
  const startedAt = performance.now();
  const plans = fc.sample(plannedRequest, { seed, numRuns: requests + atTheEnd });
  const verdicts = [
    ...(await playOn(t, { MINISERVE_REQUEST_TIMEOUT_MS: "0" }, async (server, clients) => ({
      // So few that each has a slot.
      seen: await playAll(clients, endedByThemselves, Number(settings.MINISERVE_SLOTS)),
      seenAtTheEnd: await playDuringStop(server, clients, plans.slice(requests)),
    }))),
    ...(await playOn(t, { MINISERVE_REQUEST_TIMEOUT_MS: "1000" }, async (server, clients) => {
      const seen = await playAll(clients, [...endedByTime, ...plans.slice(0, requests)], atOnce);
      await assertAtRest(server);
      return { seen, seenAtTheEnd: [] };
    })),
  ];
  const kinds = countRequestKinds(verdicts);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  t.diagnostic(`seed ${seed}, ${requests} + ${atTheEnd} requests, ${seconds} s`);
  for (const [kind, counts] of Object.entries(kinds)) {
    t.diagnostic(`${kind}: ${JSON.stringify(counts)}`);
  }
  assertAllKinds(kinds);
}

interface Played {
  readonly seen: readonly Seen[];
  readonly seenAtTheEnd: readonly Seen[];
}

/** Starts a server, has clients play with it, and judges all that was left behind. */
async function playOn(
  t: TestContext,
  limit: Readonly<Record<string, string>>,
  play: (server: InProcessServer, clients: Clients) => Promise<Played>,
): Promise<readonly Verdict[]> {
  const receiver = await OtlpReceiver.start();
  t.after(() => receiver.stop());
  const faultPlan = new FaultPlan();
  const server = await InProcessServer.start({
    receiver,
    settings: { ...settings, ...limit },
    engine: (real) => engineWithFaults(real, faultPlan),
    retriever: (real) => retrieverWithFaults(real, faultPlan),
  });
  t.after(() => server.stop(stopLimitMs));
  await buildIndexes(server);
  const { seen, seenAtTheEnd } = await play(server, new Clients(server, faultPlan));
  await server.stop(stopLimitMs);
  const audit = new Audit(receiver.spans, server.lines);
  seen.forEach((one) => void audit.check(one));
  seenAtTheEnd.forEach((one) => void audit.check(one, true));
  assert.deepEqual(audit.faults, []);
  assertNoComplaints(server.lines);
  assert.deepEqual(server.statistics, {
    spansEnded: receiver.spans.length,
    spansAccepted: receiver.spans.length,
    spansDropped: 0,
    exportsFailed: 0,
    contractViolations: 0,
  });
  return audit.verdicts;
}

async function buildIndexes(server: InProcessServer): Promise<void> {
  await using scene = await IndexScene.open(documents);
  const { indexesDirectory, embedder } = server;
  await scene.build(indexesDirectory, indexNames.usable, embedder);
  const other = withMethods(embedder, { sha256: "0".repeat(64) });
  await scene.build(indexesDirectory, indexNames.foreign, other);
}

async function playAll(
  clients: Clients,
  plans: readonly PlannedRequest[],
  together: number,
): Promise<Seen[]> {
  const waiting = [...plans];
  const seen: Seen[] = [];
  const playOn = async (): Promise<void> => {
    for (let plan = waiting.shift(); plan !== undefined; plan = waiting.shift()) {
      seen.push(...(await clients.play(plan)));
    }
  };
  await Promise.all(Array.from({ length: together }, playOn));
  return seen;
}

/** What clients left is cleaned up within a chunk or a step, with nobody asking for it. */
async function assertAtRest(server: InProcessServer): Promise<void> {
  const isBusy = (): boolean => {
    const { slotsBusy, queueLength } = server.engineStatus;
    return slotsBusy + queueLength + server.requestsRunning > 0;
  };
  for (const giveUpAt = performance.now() + patienceMs; isBusy(); await delay(5)) {
    const { slotsBusy, queueLength } = server.engineStatus;
    const open = `${server.requestsRunning} requests, ${slotsBusy} slots, ${queueLength} waiting`;
    assert.ok(performance.now() < giveUpAt, `Still there when all clients have left: ${open}`);
  }
}

/** Half of the requests are there when the server is stopped, half come while it stops. */
async function playDuringStop(
  server: InProcessServer,
  clients: Clients,
  plans: readonly PlannedRequest[],
): Promise<Seen[]> {
  const half = Math.floor(plans.length / 2);
  const playing = plans.slice(0, half).map((plan, index) => clients.play(long(plan, index)));
  for (const giveUpAt = performance.now() + patienceMs; server.engineStatus.slotsBusy < 4; ) {
    assert.ok(performance.now() < giveUpAt, "The last requests do not come.");
    await delay(2);
  }
  const stopping = server.stop(stopLimitMs);
  for (const plan of plans.slice(half)) {
    playing.push(clients.play(plan).catch(() => []));
    await delay(5);
  }
  await stopping;
  return (await Promise.all(playing)).flat();
}

/** Most would be over before the server stops; every second one is sure not to be. */
function long(plan: PlannedRequest, index: number): PlannedRequest {
  if (index % 2 === 0) {
    return endless;
  }
  const { content } = plan;
  return typeof content.body === "string" || content.code !== undefined
    ? plan
    : { ...plan, content: { ...content, body: { ...content.body, max_tokens: 1_900 } } };
}
