import {
  checkTraces,
  datasourceUids,
  readOtlpJson,
  type SampledTrace,
  type Service,
} from "#contract";
import {
  answerCheck,
  type ContractAnswer,
  createSampleQuery,
  type ShownFinding,
  sampledTraces,
} from "../../data/home/contract-sample.ts";
import { createTargetRequest } from "../../data/target-request.ts";
import type { SearchAnswer } from "../../data/tempo-answers.ts";
import { getJson, inTurn, useLoaded } from "../api/load.ts";

interface ContractCardProps {
  readonly service: Service;
  /** Grows whenever the traces are to be judged again. */
  readonly asked: number;
}

/** Whether the newest traces of a service are as its contract says. */
export function ContractCard({ service, asked }: ContractCardProps) {
  const loaded = useLoaded(
    `contract of ${service.id}`,
    (signal) => judgeNewest(service, asked, signal),
    asked,
  );
  return (
    <section class="card" aria-labelledby="home-contract">
      <h2 id="home-contract">
        Does it keep the contract?{" "}
        <span class="weak">the newest {sampledTraces} traces of the last hour</span>
      </h2>
      {loaded.phase === "loading" && <p class="weak">Judging …</p>}
      {loaded.phase === "failed" && <p class="sample-fault">{loaded.error.message}</p>}
      {loaded.phase === "ready" && <Answer answer={loaded.value} />}
    </section>
  );
}

const dots = { kept: "good", broken: "bad", unknown: "asked" } as const;

function Answer({
  answer: { state, sentence, findings, others },
}: {
  readonly answer: ContractAnswer;
}) {
  return (
    <>
      <p class="contract-answer">
        <span class={`state-dot state-${dots[state]}`} aria-hidden="true" />
        {sentence}
      </p>
      {findings.length > 0 && (
        <ul class="contract-findings">
          {findings.map((finding) => (
            <Finding key={`${finding.about} ${finding.sentence}`} finding={finding} />
          ))}
        </ul>
      )}
      {others > 0 && (
        <p class="weak contract-answer">
          {others} more. <code>npm run contract:check</code> lists all.
        </p>
      )}
    </>
  );
}

function Finding({
  finding: { about, sentence, share, newest },
}: {
  readonly finding: ShownFinding;
}) {
  return (
    <li>
      <strong>{about}</strong> <span>{sentence}</span>
      <span class="weak contract-share">{share}</span>
      <a
        href={`/trace/${newest.traceId}?span=${newest.spanId}`}
        aria-label={`newest trace of ${about}`}
      >
        newest trace
      </a>
    </li>
  );
}

const tempoPath = `/api/datasources/proxy/uid/${datasourceUids.tempo}`;
const hourMs = 3_600_000;
const keptMs = 60_000;

/** By service: coming back to the page within a minute asks the store nothing. */
const kept = new Map<
  string,
  { readonly asked: number; readonly atMs: number; answer: ContractAnswer }
>();

async function judgeNewest(
  { id, contract }: Service,
  asked: number,
  signal: AbortSignal,
): Promise<ContractAnswer> {
  const toMs = Date.now();
  const before = kept.get(id);
  if (before !== undefined && before.asked === asked && toMs - before.atMs < keptMs) {
    return before.answer;
  }
  const query = createSampleQuery(contract);
  const target = { query, limit: sampledTraces, spss: 1 };
  const request = createTargetRequest(target, query, { fromMs: toMs - hourMs, toMs });
  const { traces: found = [] } = await inTurn(signal, () =>
    getJson<SearchAnswer>(`${tempoPath}${request?.path}`, signal),
  );
  const traces = await Promise.all(
    found.map(({ traceID }) => inTurn(signal, () => readTrace(traceID, signal))),
  );
  const answer = answerCheck(checkTraces(contract, traces, Date.now()));
  kept.set(id, { asked, atMs: toMs, answer });
  return answer;
}

async function readTrace(traceId: string, signal: AbortSignal): Promise<SampledTrace> {
  const { spans } = readOtlpJson(await getJson(`${tempoPath}/api/v2/traces/${traceId}`, signal));
  return { traceId, spans };
}
