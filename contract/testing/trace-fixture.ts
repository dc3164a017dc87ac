import {
  type Attribute,
  type Contract,
  findString,
  findValue,
  getServiceName,
  isForRequest,
  type KeyValue,
  type Outcome,
  type Span,
  type SpanDefinition,
  type TreeShape,
  type Value,
} from "#contract";
import { type Draw, pick } from "../../tests/support/traces/draw.ts";

/** For tests: a valid trace, with what a mutation of it must know and a way to change it. */

/** A span of the contract's service. */
export interface OwnSpan {
  readonly span: Span;
  readonly definition: SpanDefinition;
  readonly parent: OwnSpan | undefined;
}

export type Stage = OwnSpan & { readonly parent: OwnSpan };

export interface Scene {
  readonly contract: Contract;
  readonly draw: Draw;
  readonly spans: readonly Span[];
  readonly own: readonly OwnSpan[];
  readonly foreign: readonly Span[];
}

/** One way to make a valid trace wrong. */
export interface Mutation {
  readonly name: string;
  /** The rule that must be reported, perhaps among others. */
  readonly rule: string;
  /** The contract that it is for, where it is not for any. */
  readonly contract?: Contract;
  /** The spans with one thing made wrong; undefined where nothing can be made wrong in this way. */
  readonly apply: (scene: Scene) => Span[] | undefined;
}

export function readScene(contract: Contract, spans: readonly Span[], draw: Draw): Scene {
  const serviceKey = contract.resource.attributes[contract.resource.serviceName]?.key ?? "";
  const isOwn = (span: Span) =>
    findString(span.resource.attributes, serviceKey) === getServiceName(contract);
  const ownById = new Map<string, OwnSpan>();
  const find = (span: Span): OwnSpan => {
    const definition = Object.values(contract.spans).find(({ name }) => name === span.name);
    if (definition === undefined) {
      throw new RangeError(`The contract has no span ${span.name}.`);
    }
    const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
    const isRoot = definition.parent === null;
    const own = { span, definition, parent: isRoot || !parent ? undefined : find(parent) };
    ownById.set(span.spanId, ownById.get(span.spanId) ?? own);
    return ownById.get(span.spanId) as OwnSpan;
  };
  const own = spans.filter(isOwn).map(find);
  return { contract, draw, spans, own, foreign: spans.filter((span) => !isOwn(span)) };
}

/** One of the service's spans that the condition is true of. */
export function pickOwn(
  { draw, own }: Scene,
  condition: (own: OwnSpan) => boolean = () => true,
): OwnSpan | undefined {
  const candidates = own.filter(condition);
  return candidates.length === 0 ? undefined : pick(draw, candidates);
}

/** One of the service's spans other than a request's root. */
export function pickStage(
  { draw, own }: Scene,
  condition: (own: Stage) => boolean = () => true,
): Stage | undefined {
  const candidates = own.filter(isStage).filter(condition);
  return candidates.length === 0 ? undefined : pick(draw, candidates);
}

function isStage(own: OwnSpan): own is Stage {
  return own.parent !== undefined;
}

export function childrenIn({ own }: Scene, parent: OwnSpan): OwnSpan[] {
  return own.filter((candidate) => candidate.parent === parent);
}

/** The stages that come after one in the contract, and are there. */
export function laterStages(scene: Scene, { definition, parent }: OwnSpan): OwnSpan[] {
  return parent === undefined || definition.presence === "sampled"
    ? []
    : childrenIn(scene, parent).filter(
        (other) =>
          other.definition.presence !== "sampled" && other.definition.order > definition.order,
      );
}

/** Whether the request that a span is of may have the other one, by what the root says. */
export function isForRequestOf(own: OwnSpan, other: SpanDefinition): boolean {
  const { span, definition } = rootIn(own);
  return isForRequest(other, (identifier) =>
    findString(span.attributes, definition.attributes[identifier]?.key ?? ""),
  );
}

export function rootIn(own: OwnSpan): OwnSpan {
  return own.parent === undefined ? own : rootIn(own.parent);
}

/** The outcome of the request that a span is of; undefined where the contract names none. */
export function outcomeIn({ contract }: Scene, own: OwnSpan): Outcome | undefined {
  const { span, definition } = rootIn(own);
  const key = definition.attributes[contract.outcomes?.attribute ?? ""]?.key ?? "";
  return contract.outcomes?.byName[findString(span.attributes, key) ?? ""];
}

export function treeIn(scene: Scene, own: OwnSpan): TreeShape {
  const failed = rootIn(own).span.status.code === "error";
  return outcomeIn(scene, own)?.tree ?? (failed ? "failed" : "complete");
}

/** Whether a span is certain to have done its work, whatever is changed on it. */
export function isDone(scene: Scene, own: OwnSpan): boolean {
  return (
    treeIn(scene, own) === "complete" ||
    laterStages(scene, own).length > 0 ||
    (own.parent?.parent !== undefined && isDone(scene, own.parent))
  );
}

/** The trace with some members of one span changed. */
export function change({ spans }: Scene, { span }: OwnSpan, changes: Partial<Span>): Span[] {
  return spans.map((other) => (other === span ? { ...span, ...changes } : other));
}

/** The trace without the attribute of one span. */
export function withoutAttribute(scene: Scene, own: OwnSpan, { key }: Attribute): Span[] {
  const attributes = own.span.attributes.filter((attribute) => attribute.key !== key);
  return change(scene, own, { attributes });
}

/** The trace with another value of an attribute of one span. */
export function withValue(
  scene: Scene,
  own: OwnSpan,
  { key }: Pick<Attribute, "key">,
  value: Value,
): Span[] {
  return change(scene, own, { attributes: replaced(own.span.attributes, key, value) });
}

export function replaced(attributes: readonly KeyValue[], key: string, value: Value): KeyValue[] {
  return [...attributes.filter((attribute) => attribute.key !== key), { key, value }];
}

export interface OwnAttribute {
  readonly own: OwnSpan;
  readonly identifier: string;
  readonly attribute: Attribute;
}

/** An attribute that a span has and the condition is true of, with that span. */
export function pickAttribute(
  { draw, own: spans }: Scene,
  condition: (candidate: OwnAttribute) => boolean = () => true,
): OwnAttribute | undefined {
  const candidates = spans
    .flatMap((own) =>
      Object.entries(own.definition.attributes).map(([identifier, attribute]) => ({
        own,
        identifier,
        attribute,
      })),
    )
    .filter(({ own, attribute }) => hasAttribute(own, attribute))
    .filter(condition);
  return candidates.length === 0 ? undefined : pick(draw, candidates);
}

export function hasAttribute({ span }: OwnSpan, { key }: Attribute): boolean {
  return findValue(span.attributes, key) !== undefined;
}
