import { setTimeout as delay } from "node:timers/promises";
import { patienceMs } from "../support/patience.ts";
import { RawConnection } from "../support/raw-http.ts";
import type { LogLine } from "../support/server-process.ts";
import { type AnswerOnWire, answersOnWire } from "./answers-on-wire.ts";
import type { FaultPlan } from "./planned-faults.ts";
import { encodeRequest, type PlannedRequest } from "./planned-request.ts";

/** What a client knows of one request when it is over for it. */
export interface Seen {
  readonly plan: PlannedRequest;
  /** That it sent, or that it was told. */
  readonly traceId: string | undefined;
  /** As far as it had come when the client left. */
  readonly answer: AnswerOnWire | undefined;
  readonly hasLeft: boolean;
  /** Whether an earlier request on the connection was not answered yet. */
  readonly isBehind: boolean;
}

interface Server {
  readonly port: number;
  readonly lines: readonly LogLine[];
}

interface Conversation {
  readonly connection: RawConnection;
  readonly traceIds: readonly (string | undefined)[];
  readonly methods: readonly string[];
}

const pollMs = 2;

/** Plays clients to a server, and tells the engine which faults are planned for their requests. */
export class Clients {
  readonly #server: Server;
  readonly #faultPlan: FaultPlan;
  readonly #reached = new Map<string, Set<string>>();
  #linesRead = 0;
  #requests = 0;

  constructor(server: Server, faultPlan: FaultPlan) {
    this.#server = server;
    this.#faultPlan = faultPlan;
  }

  /** Sends what is planned and waits for its end. @returns a `Seen` for each request sent. */
  async play(plan: PlannedRequest): Promise<Seen[]> {
    const connection = await RawConnection.open(this.#server.port);
    const traceIds = (plan.pipelined ? [1, 2] : [1]).map(() => this.#newTrace(plan));
    const texts = traceIds.map((traceId, index) =>
      encodeRequest(plan, {
        ...createParentHeader(plan, traceId),
        connection: index === traceIds.length - 1 ? "close" : "keep-alive",
      }),
    );
    const conversation = { connection, traceIds, methods: traceIds.map(() => "POST") };
    try {
      await this.#send(plan, texts.join(""), conversation);
      return this.#whatWasSeen(plan, conversation);
    } finally {
      connection.destroy();
    }
  }

  #newTrace(plan: PlannedRequest): string | undefined {
    this.#requests += 1;
    if (plan.parent !== "valid") {
      return undefined;
    }
    const traceId = `e${this.#requests.toString(16).padStart(31, "0")}`;
    this.#faultPlan.add(traceId, plan.fault);
    return traceId;
  }

  async #send(plan: PlannedRequest, text: string, conversation: Conversation): Promise<void> {
    const { connection } = conversation;
    const { conduct } = plan;
    const bodyAt = text.lastIndexOf("\r\n\r\n") + 4;
    const shareSent = "share" in conduct ? conduct.share : 1;
    const cut = bodyAt + Math.floor((text.length - bodyAt) * shareSent);
    connection.write(text.slice(0, cut));
    if (conduct.kind === "slow" || conduct.kind === "half" || conduct.kind === "leave") {
      await delay(conduct.afterMs);
    }
    switch (conduct.kind) {
      case "slow":
        connection.write(text.slice(cut));
        break;
      case "leave at":
        await until(() => this.#hasReached(conduct.event, conversation));
        break;
      case "leave in fault":
        await until(() => this.#hasMetFault(conversation));
        break;
      case "leave after bytes":
        await until(() => connection.received.length >= conduct.bytes || isAnswered(conversation));
        break;
      default:
        break;
    }
    if (conduct.kind === "read" || conduct.kind === "slow" || conduct.kind === "stall") {
      await until(() => isAnswered(conversation));
    }
  }

  /** Whether the first of the requests has come so far, or can come no farther. */
  #hasReached(event: string, conversation: Conversation): boolean {
    const { lines } = this.#server;
    for (; this.#linesRead < lines.length; this.#linesRead += 1) {
      const { trace_id = "", event: reached = "" } = lines[this.#linesRead] ?? {};
      const events = this.#reached.get(trace_id) ?? new Set();
      this.#reached.set(trace_id, events.add(reached));
    }
    const [traceId = ""] = conversation.traceIds;
    return this.#reached.get(traceId)?.has(event) === true || isAnswered(conversation);
  }

  #hasMetFault(conversation: Conversation): boolean {
    const [traceId = ""] = conversation.traceIds;
    return this.#faultPlan.hasMet(traceId) || isAnswered(conversation);
  }

  #whatWasSeen(plan: PlannedRequest, conversation: Conversation): Seen[] {
    const { connection, traceIds } = conversation;
    const answers = splitAnswers(conversation);
    const hasLeft = !isAnswered(conversation);
    if (hasLeft && plan.resets) {
      connection.socket.resetAndDestroy();
    }
    return traceIds.map((traceId, index) => ({
      plan,
      traceId: traceId ?? answers[index]?.headers["x-trace-id"],
      answer: answers[index],
      hasLeft: hasLeft && answers[index]?.isWhole !== true,
      isBehind: index > 0,
    }));
  }
}

function createParentHeader(
  plan: PlannedRequest,
  traceId: string | undefined,
): Record<string, string> {
  if (plan.parent === "invalid") {
    return { traceparent: `00-${"0".repeat(32)}-${"c".repeat(16)}-01` };
  }
  return traceId === undefined ? {} : { traceparent: `00-${traceId}-${"c".repeat(16)}-01` };
}

function splitAnswers({ connection, methods }: Conversation): AnswerOnWire[] {
  return answersOnWire(connection.received, connection.isClosed, methods);
}

function isAnswered(conversation: Conversation): boolean {
  const { connection, traceIds } = conversation;
  return (
    connection.isClosed ||
    splitAnswers(conversation).filter(({ isWhole }) => isWhole).length === traceIds.length
  );
}

/** Gives up without a word after the limit: what is missing then is judged with all the rest. */
async function until(isSo: () => boolean): Promise<void> {
  for (const giveUpAt = performance.now() + patienceMs; !isSo(); await delay(pollMs)) {
    if (performance.now() > giveUpAt) {
      return;
    }
  }
}
