import { type Contract, childrenOf, type Outcome } from "../define/contract.ts";
import { findValue } from "../otlp/span.ts";
import type { RequestSpan } from "./request.ts";
import { plainValue } from "./span-rules.ts";
import type { Violations } from "./violation.ts";

/** Whether the request's spans are those that its outcome leaves behind. */
export function checkOutcome(
  contract: Contract,
  request: RequestSpan,
  violations: Violations,
): void {
  const outcome = outcomeOf(contract, request);
  if (outcome === undefined) {
    return; // A missing or unknown outcome is reported with the root's attributes.
  }
  const { span } = request;
  if (span.status.code !== outcome.rootStatus) {
    violations.add(span, "wrong-status", span.status.code, outcome.rootStatus);
  }
  for (const identifier of outcome.needs ?? []) {
    requireAttribute(request, identifier, violations);
  }
  checkRanges(request, outcome, violations);
  const check = new ShapeCheck(contract, outcome, violations);
  check.stages(request, outcome.tree !== "whole");
  check.failure(request);
  const missing = childrenOf(contract, request.definition).some(
    (stage) => stage.presence === "always" && !hasStage(request, stage.identifier),
  );
  if (outcome.tree === "rejected" && !missing) {
    violations.add(
      span,
      "wrong-status",
      "rejected after the last stage",
      "a stage that is missing",
    );
  }
}

function outcomeOf(contract: Contract, request: RequestSpan): Outcome | undefined {
  const { outcomes } = contract;
  if (outcomes === undefined) {
    const failed = request.span.status.code === "error";
    return {
      meaning: "",
      tree: failed ? "failed" : "whole",
      rootStatus: failed ? "error" : "unset",
    };
  }
  const name = valueIn(request, outcomes.attribute);
  return typeof name === "string" ? outcomes.byName[name] : undefined;
}

function checkRanges(request: RequestSpan, outcome: Outcome, violations: Violations): void {
  for (const [identifier, [min, max]] of Object.entries(outcome.ranges ?? {})) {
    const value = valueIn(request, identifier);
    if (typeof value === "number" && (value < min || value > max)) {
      const key = request.definition.attributes[identifier]?.key;
      const expected = `${min} to ${max} with this outcome`;
      violations.add(request.span, "value-not-allowed", `${key} = ${value}`, expected);
    }
  }
}

/** The rules for the tree that an outcome leaves behind, stage by stage. */
class ShapeCheck {
  readonly #contract: Contract;
  readonly #outcome: Outcome;
  readonly #violations: Violations;

  constructor(contract: Contract, outcome: Outcome, violations: Violations) {
    this.#contract = contract;
    this.#outcome = outcome;
    this.#violations = violations;
  }

  /**
   * The stages below a span. Where the request was cut, they may stop early, and the last one may be
   * incomplete if the outcome lets it: all before must have done their work.
   */
  stages(parent: RequestSpan, cut: boolean): void {
    const stages = childrenOf(this.#contract, parent.definition).filter(
      ({ presence }) => presence !== "sampled",
    );
    const present = stages.filter(({ identifier }) => hasStage(parent, identifier));
    const last = present.at(-1);
    for (const stage of stages) {
      const isReached = !cut || (last !== undefined && stage.order < last.order);
      if (stage.presence === "always" && isReached && !present.includes(stage)) {
        const before = cut ? `${stage.name}, because ${last?.name} ran` : stage.name;
        this.#violations.add(parent.span, "missing-span", `no ${stage.name}`, before);
      }
    }
    const mayBeCut = cut && this.#outcome.tree !== "rejected";
    for (const child of parent.children) {
      this.#stage(child, mayBeCut && child.definition === last);
    }
  }

  #stage(stage: RequestSpan, isLast: boolean): void {
    const { span, definition } = stage;
    const failed = span.status.code === "error";
    if (span.status.code === "ok" || (failed && !(isLast && this.#outcome.tree === "failed"))) {
      this.#violations.add(span, "wrong-status", span.status.code, "unset with this outcome");
    }
    const missing = definition.onSuccess.filter(
      (identifier) => valueIn(stage, identifier) === undefined,
    );
    const replaced = failed ? definition.whenFailed : definition.whenInterrupted;
    const isCut = isLast && (failed || this.#outcome.tree === "interrupted");
    const isIncomplete = isCut && (failed || missing.length > 0 || !this.#hasAllChildren(stage));
    if (isIncomplete) {
      this.#replacements(stage, replaced);
    } else {
      for (const identifier of missing) {
        requireAttribute(stage, identifier, this.#violations);
      }
    }
    this.stages(stage, isIncomplete);
  }

  /** A stage that was cut says so where the contract has a value for that. */
  #replacements(stage: RequestSpan, values: Readonly<Record<string, unknown>>): void {
    for (const [identifier, expected] of Object.entries(values)) {
      const value = valueIn(stage, identifier);
      if (value !== expected) {
        const key = stage.definition.attributes[identifier]?.key ?? identifier;
        const seen = value === undefined ? `no ${key}` : `${key} = ${String(value)}`;
        this.#violations.add(stage.span, "value-not-allowed", seen, `${key} = ${String(expected)}`);
      }
    }
  }

  #hasAllChildren(stage: RequestSpan): boolean {
    return childrenOf(this.#contract, stage.definition).every(
      ({ identifier, presence }) => presence !== "always" || hasStage(stage, identifier),
    );
  }

  /** The exception stands where it was thrown and nowhere else: on the innermost span with an error. */
  failure(stage: RequestSpan): boolean {
    // Every child is looked at, also after one has failed: each may hold a stray exception.
    const childrenFailed = stage.children.map((child) => this.failure(child)).includes(true);
    const { span } = stage;
    const failed = span.status.code === "error";
    const threw = this.#outcome.tree === "failed" && failed && !childrenFailed;
    const exceptions = span.events.filter(({ name }) => name === "exception").length;
    if (threw !== exceptions > 0) {
      const expected = threw ? "an exception" : "no exception";
      this.#violations.add(span, "missing-exception", `${exceptions} exceptions`, expected);
    }
    if (childrenFailed && !failed) {
      const expected = "error, as its child has it";
      this.#violations.add(span, "wrong-status", span.status.code, expected);
    }
    return failed;
  }
}

function requireAttribute(
  { span, definition }: RequestSpan,
  identifier: string,
  violations: Violations,
): void {
  const key = definition.attributes[identifier]?.key ?? identifier;
  if (findValue(span.attributes, key) === undefined) {
    violations.add(span, "missing-attribute", "nothing", key);
  }
}

function hasStage(parent: RequestSpan, identifier: string): boolean {
  return parent.children.some(({ definition }) => definition.identifier === identifier);
}

/** The value of an attribute by its identifier, or undefined when missing or of another type. */
export function valueIn({ span, definition }: RequestSpan, identifier: string): unknown {
  const attribute = definition.attributes[identifier];
  const value = attribute && findValue(span.attributes, attribute.key);
  return attribute && value && plainValue(attribute, value);
}
