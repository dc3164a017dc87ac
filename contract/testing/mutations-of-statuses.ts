/** For tests: what can be wrong with statuses, exceptions and other events. */
import { type KeyValue, type Span, type SpanEvent, type StatusCode, statusCodes } from "#contract";
import { pick } from "../../tests/support/traces/draw.ts";
import {
  change,
  laterStages,
  type Mutation,
  type OwnSpan,
  pickOwn,
  pickStage,
  replaced,
  type Scene,
  treeIn,
} from "./trace-fixture.ts";

const text = "Once upon a time";

const exception: SpanEvent = {
  timeUnixNano: 1_700_000_000_000_000_000n,
  name: "exception",
  attributes: [{ key: "exception.type", value: { type: "string", value: "EngineError" } }],
  droppedAttributesCount: 0,
};

export const mutationsOfStatuses: readonly Mutation[] = [
  {
    name: "a request has another status",
    rule: "wrong-status",
    apply: (scene) => {
      const root = pickOwn(scene, ({ definition }) => definition.parent === null);
      // Without outcomes, the status alone says which of the two the request is.
      const codes = scene.contract.outcomes === undefined ? (["ok"] as const) : statusCodes;
      const others = codes.filter((code) => code !== root?.span.status.code);
      return root && withStatus(scene, root, pick(scene.draw, others));
    },
  },
  {
    name: "a stage has the status ok",
    rule: "wrong-status",
    apply: (scene) => {
      const stage = pickStage(scene);
      return stage && withStatus(scene, stage, "ok");
    },
  },
  {
    name: "a stage failed, and the request did not",
    rule: "wrong-status",
    apply: (scene) => {
      const stage = pickStage(scene, (own) => treeIn(scene, own) !== "failed");
      return stage && withStatus(scene, stage, "error");
    },
  },
  {
    name: "a stage failed, and does not say so",
    rule: "wrong-status",
    apply: (scene) => {
      const stage = pickStage(scene, ({ span }) => span.status.code === "error");
      return stage && withStatus(scene, stage, "unset");
    },
  },
  {
    name: "a stage failed, and another came after it",
    rule: "wrong-status",
    apply: (scene) => {
      const stage = pickStage(
        scene,
        (own) => treeIn(scene, own) === "failed" && laterStages(scene, own).length > 0,
      );
      return stage && withStatus(scene, stage, "error");
    },
  },
  {
    name: "an exception is missing",
    rule: "wrong-exception",
    apply: (scene) => {
      const thrower = pickOwn(scene, ({ span }) => span.events.length > 0);
      return thrower && change(scene, thrower, { events: [] });
    },
  },
  {
    name: "an exception is where nothing was thrown, or there twice",
    rule: "wrong-exception",
    apply: (scene) => {
      // Where a request failed, its last stage may have failed too: the status would be wrong then.
      const own = pickOwn(
        scene,
        (candidate) =>
          treeIn(scene, candidate) !== "failed" ||
          candidate.span.status.code === "error" ||
          laterStages(scene, candidate).length > 0,
      );
      return own && change(scene, own, { events: [...own.span.events, exception] });
    },
  },
  {
    name: "an event is no exception",
    rule: "unknown-event",
    apply: (scene) => {
      const own = pickOwn(scene);
      return (
        own && change(scene, own, { events: [...own.span.events, { ...exception, name: text }] })
      );
    },
  },
  {
    name: "a status has a sentence for a message",
    rule: "free-text",
    apply: (scene) => {
      const own = pickOwn(scene);
      return own && change(scene, own, { status: { ...own.span.status, message: text } });
    },
  },
  ...["exception.type", "exception.message", "exception.stacktrace"].map(
    (key): Mutation => ({
      name: `an exception has a sentence for its ${key}`,
      rule: "free-text",
      apply: (scene) =>
        withExceptionAttributes(scene, (attributes) =>
          replaced(attributes, key, { type: "string", value: text }),
        ),
    }),
  ),
  {
    name: "an exception's stack has the message of an error in it",
    rule: "free-text",
    apply: (scene) =>
      withExceptionAttributes(scene, (attributes) =>
        replaced(attributes, "exception.stacktrace", {
          type: "string",
          value: `Error: ${text}\n    at decode (server/pipeline/decode.ts:41:9)`,
        }),
      ),
  },
  {
    name: "an exception has no type",
    rule: "missing-attribute",
    apply: (scene) => withExceptionAttributes(scene, () => []),
  },
  {
    name: "an exception's attribute has another type",
    rule: "wrong-type",
    apply: (scene) =>
      withExceptionAttributes(scene, (attributes) =>
        replaced(attributes, "exception.message", { type: "int", value: 1n }),
      ),
  },
  {
    name: "an exception has an attribute that it may not have",
    rule: "unknown-attribute",
    apply: (scene) =>
      withExceptionAttributes(scene, (attributes) =>
        replaced(attributes, "exception.cause", { type: "empty" }),
      ),
  },
];

function withStatus(scene: Scene, own: OwnSpan, code: StatusCode): Span[] {
  return change(scene, own, { status: { code, message: "" } });
}

/** The trace with other attributes on one of its exceptions. */
function withExceptionAttributes(
  scene: Scene,
  attributesFrom: (attributes: readonly KeyValue[]) => KeyValue[],
): Span[] | undefined {
  const thrower = pickOwn(scene, ({ span }) => span.events.length > 0);
  const events = thrower?.span.events.map((event) => ({
    ...event,
    attributes: attributesFrom(event.attributes),
  }));
  return thrower && events && change(scene, thrower, { events });
}
