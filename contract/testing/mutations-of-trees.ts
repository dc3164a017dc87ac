/** For tests: what can be wrong with the shape, the order and the times of a trace. */
import { spanKinds } from "#contract";
import { pick } from "../../tests/support/traces/draw.ts";
import {
  change,
  childrenIn,
  isDone,
  isForRequestOf,
  laterStages,
  type Mutation,
  type OwnSpan,
  pickOwn,
  pickStage,
  rootIn,
  type Scene,
  type Stage,
} from "./trace-fixture.ts";

const unusedId = "e".repeat(16);

export const mutationsOfTrees: readonly Mutation[] = [
  {
    name: "a stage is dropped, with all below it",
    rule: "missing-span",
    apply: (scene) => {
      const stage = pickStage(
        scene,
        (own) => own.definition.presence === "always" && isReached(scene, own),
      );
      return stage && scene.spans.filter((span) => !subtree(scene, stage).has(span));
    },
  },
  {
    name: "a parent is dropped",
    rule: "orphan",
    apply: (scene) => {
      const parent = pickOwn(scene, (own) => childrenIn(scene, own).length > 0);
      return parent && scene.spans.filter((span) => span !== parent.span);
    },
  },
  {
    name: "a span has a name that the contract does not know",
    rule: "unknown-span",
    apply: (scene) => {
      const own = pickOwn(scene);
      return own && change(scene, own, { name: "not.in.the.contract" });
    },
  },
  {
    name: "a span has the name of one that belongs elsewhere",
    rule: "misplaced-span",
    apply: (scene) => {
      const own = pickStage(scene);
      const others = Object.values(scene.contract.spans).filter(
        (other) =>
          other.parent !== null &&
          own !== undefined &&
          (other.parent !== own.definition.parent || !isForRequestOf(own.parent, other)),
      );
      return own && others.length > 0
        ? change(scene, own, { name: pick(scene.draw, others).name })
        : undefined;
    },
  },
  {
    name: "a stage runs twice",
    rule: "duplicated-span",
    apply: (scene) => {
      const stage = pickStage(scene, ({ definition }) => definition.presence !== "sampled");
      return stage && [...scene.spans, { ...stage.span, spanId: unusedId }];
    },
  },
  {
    name: "a span arrives twice",
    rule: "duplicate-span-id",
    apply: (scene) => {
      const own = pickOwn(scene);
      return own && [{ ...own.span }, ...scene.spans];
    },
  },
  {
    name: "a span has the id of another",
    rule: "duplicate-span-id",
    apply: (scene) => {
      const own = pickOwn(scene);
      const others = scene.spans.filter((span) => span !== own?.span);
      return own && others.length > 0
        ? change(scene, own, { spanId: pick(scene.draw, others).spanId })
        : undefined;
    },
  },
  {
    name: "a stage starts before the one before it has ended",
    rule: "misordered-span",
    apply: (scene) => {
      const before = pickOwn(scene, (own) => laterStages(scene, own).length > 0);
      const after = before && pick(scene.draw, laterStages(scene, before));
      return after && change(scene, after, { startTimeUnixNano: before.span.endTimeUnixNano - 1n });
    },
  },
  {
    name: "two stages change places",
    rule: "misordered-span",
    apply: (scene) => {
      // Where neither takes any time, they would stay in order.
      const isBefore = ({ span }: OwnSpan, { span: other }: OwnSpan) =>
        span.startTimeUnixNano < other.endTimeUnixNano;
      const first = pickOwn(scene, (own) =>
        laterStages(scene, own).some((later) => isBefore(own, later)),
      );
      const later = first && laterStages(scene, first).filter((own) => isBefore(first, own));
      const second = later && pick(scene.draw, later);
      return second && scene.spans.map((span) => exchangeTimes(span, first, second));
    },
  },
  {
    name: "a stage has another stage as its parent",
    rule: "misplaced-span",
    apply: (scene) => {
      const own = pickStage(scene);
      const other = pickOwn(
        scene,
        ({ definition }) => definition.identifier !== own?.definition.parent,
      );
      return own && other && change(scene, own, { parentSpanId: other.span.spanId });
    },
  },
  {
    name: "a stage has a span of another service as its parent",
    rule: "misplaced-span",
    apply: (scene) => {
      const own = pickStage(scene);
      return own && scene.foreign.length > 0
        ? change(scene, own, { parentSpanId: pick(scene.draw, scene.foreign).spanId })
        : undefined;
    },
  },
  {
    name: "a stage has no parent, or one that is not there",
    rule: "orphan",
    apply: (scene) => {
      const own = pickStage(scene);
      return own && change(scene, own, { parentSpanId: pick(scene.draw, [null, unusedId]) });
    },
  },
  {
    name: "a stage is in another trace",
    rule: "orphan",
    apply: (scene) => {
      const own = pickStage(scene);
      return own && change(scene, own, { traceId: "d".repeat(32) });
    },
  },
  {
    name: "a request is its own ancestor",
    rule: "parent-cycle",
    apply: (scene) => {
      const descendant = pickOwn(scene);
      const root = descendant && rootIn(descendant);
      return root && change(scene, root, { parentSpanId: descendant.span.spanId });
    },
  },
  {
    name: "a request is its own ancestor, by way of another service",
    rule: "parent-cycle",
    apply: (scene) => {
      const descendant = pickOwn(scene);
      if (descendant === undefined || scene.foreign.length === 0) {
        return undefined;
      }
      const between = pick(scene.draw, scene.foreign);
      return change(scene, rootIn(descendant), { parentSpanId: between.spanId }).map((span) =>
        span === between ? { ...span, parentSpanId: descendant.span.spanId } : span,
      );
    },
  },
  {
    name: "a stage starts before its parent",
    rule: "outside-parent",
    apply: (scene) => {
      const own = pickStage(scene);
      const startTimeUnixNano = (own?.parent.span.startTimeUnixNano ?? 0n) - 1n;
      return own && change(scene, own, { startTimeUnixNano });
    },
  },
  {
    name: "a stage ends after its parent",
    rule: "outside-parent",
    apply: (scene) => {
      const own = pickStage(scene);
      const endTimeUnixNano = (own?.parent.span.endTimeUnixNano ?? 0n) + 1n;
      return own && change(scene, own, { endTimeUnixNano });
    },
  },
  {
    name: "a span ends before it starts",
    rule: "ends-before-start",
    apply: (scene) => {
      const own = pickOwn(scene);
      const endTimeUnixNano = (own?.span.startTimeUnixNano ?? 0n) - 1n;
      return own && change(scene, own, { endTimeUnixNano });
    },
  },
  {
    name: "a span has another kind",
    rule: "wrong-kind",
    apply: (scene) => {
      const own = pickOwn(scene);
      const others = spanKinds.filter((kind) => kind !== own?.span.kind);
      return own && change(scene, own, { kind: pick(scene.draw, others) });
    },
  },
  {
    name: "another tracer made a span",
    rule: "wrong-tracer",
    apply: (scene) => {
      const own = pickOwn(scene);
      const name = pick(scene.draw, ["", "another.tracer"]);
      return own && change(scene, own, { scope: { ...own.span.scope, name } });
    },
  },
];

/** Whether a request got beyond a stage, so that it cannot have stopped before it. */
function isReached(scene: Scene, stage: Stage): boolean {
  return laterStages(scene, stage).length > 0 || isDone(scene, stage.parent);
}

function subtree(scene: Scene, own: OwnSpan): Set<unknown> {
  const below = childrenIn(scene, own).flatMap((child) => [...subtree(scene, child)]);
  return new Set([own.span, ...below]);
}

function exchangeTimes<Timed extends OwnSpan["span"]>(
  span: Timed,
  first: OwnSpan,
  second: OwnSpan,
): Timed {
  const other = span === first.span ? second.span : span === second.span ? first.span : span;
  const { startTimeUnixNano, endTimeUnixNano } = other;
  return { ...span, startTimeUnixNano, endTimeUnixNano };
}
