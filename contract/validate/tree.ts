import { type Contract, childrenOf, type Outcome } from "../define/contract.ts";
import type { SpanDefinition } from "../define/span.ts";
import type { Span, SpanEvent } from "../otlp/span.ts";
import { hasChild, type RequestSpan, valueIn } from "./request.ts";
import { requireAttribute } from "./span-rules.ts";
import type { Violations } from "./violation.ts";

/**
 * How a span of a request ended:
 * `done`: it did its work, and so did every stage below it;
 * `rejected`: the request ended before its next stage, and no stage was cut;
 * `failed`: it threw, or the last stage below it did;
 * `interrupted`: its work was cut short, and that of the last stage below it may be.
 */
type Ending = "done" | "rejected" | "failed" | "interrupted";

const endingOfRoot = {
  whole: "done",
  rejected: "rejected",
  failed: "failed",
  interrupted: "interrupted",
} as const satisfies Record<Outcome["tree"], Ending>;

/** The rules for the tree that an outcome leaves behind, span by span. */
export class TreeCheck {
  readonly #contract: Contract;
  readonly #outcome: Outcome;
  readonly #violations: Violations;

  constructor(contract: Contract, outcome: Outcome, violations: Violations) {
    this.#contract = contract;
    this.#outcome = outcome;
    this.#violations = violations;
  }

  request(root: RequestSpan): void {
    this.#judge(root, endingOfRoot[this.#outcome.tree]);
  }

  #judge(stage: RequestSpan, ending: Ending): void {
    this.#checkSuccess(stage, ending);
    this.#checkException(stage, ending);
    const last = this.#checkPresence(stage, ending);
    const mayCutChild = ending === "failed" || ending === "interrupted";
    for (const child of stage.children) {
      // Samples of the same span may run at the same time, so each may be the one that was cut.
      const isLast = child.definition === last || child.definition.presence === "sampled";
      const childEnding = mayCutChild && isLast ? this.#endingOf(child) : "done";
      const status = childEnding === "failed" ? "error" : "unset";
      if (child.span.status.code !== status) {
        const expected = `${status}, as it ${reasons[childEnding]}`;
        this.#violations.add(child.span, "wrong-status", child.span.status.code, expected);
      }
      this.#judge(child, childEnding);
    }
  }

  /** How a stage ended that may have been cut, by what it left behind. */
  #endingOf(stage: RequestSpan): Ending {
    if (this.#outcome.tree === "failed") {
      return hasFailed(stage) ? "failed" : "done";
    }
    return this.#isIncomplete(stage) ? "interrupted" : "done";
  }

  #isIncomplete(stage: RequestSpan): boolean {
    const { onSuccess, whenInterrupted } = stage.definition;
    return (
      onSuccess.some((identifier) => valueIn(stage, identifier) === undefined) ||
      Object.entries(whenInterrupted).some(([key, value]) => valueIn(stage, key) === value) ||
      this.#stagesBelow(stage).some(
        (child) => child.presence === "always" && !hasChild(stage, child),
      ) ||
      stage.children.some((child) => this.#isIncomplete(child))
    );
  }

  /** What a stage says when it did its work, and what it says instead when it was cut. */
  #checkSuccess(stage: RequestSpan, ending: Ending): void {
    const { span, definition } = stage;
    const { onSuccess, whenFailed, whenInterrupted } = definition;
    if (ending === "failed" || ending === "interrupted") {
      const replacements = ending === "failed" ? whenFailed : whenInterrupted;
      for (const [identifier, value] of Object.entries(replacements)) {
        const key = definition.attributes[identifier]?.key;
        if (valueIn(stage, identifier) !== value) {
          const expected = `${key} = ${String(value)}, as it ${reasons[ending]}`;
          this.#violations.add(span, "value-not-allowed", `another ${key}, or none`, expected);
        }
      }
      return;
    }
    if (ending === "done") {
      for (const identifier of onSuccess) {
        requireAttribute(definition, identifier, span, this.#violations);
      }
    }
    const replacements = [...Object.entries(whenFailed), ...Object.entries(whenInterrupted)];
    for (const [identifier, value] of replacements) {
      if (valueIn(stage, identifier) === value) {
        const seen = `${definition.attributes[identifier]?.key} = ${String(value)}`;
        this.#violations.add(span, "value-not-allowed", seen, "another value: it was not cut");
      }
    }
  }

  /** The exception stands where it was thrown and nowhere else: on the innermost span that failed. */
  #checkException({ span, children }: RequestSpan, ending: Ending): void {
    const expected = ending === "failed" && !children.some(hasFailed) ? 1 : 0;
    const seen = exceptionsOf(span).length;
    if (seen !== expected) {
      this.#violations.add(span, "wrong-exception", `${seen} exceptions`, `${expected}`);
    }
  }

  /** Where a span was cut, its stages stop early; returns the last that there is. */
  #checkPresence(parent: RequestSpan, ending: Ending): SpanDefinition | undefined {
    const stages = this.#stagesBelow(parent);
    const last = stages.findLast((stage) => hasChild(parent, stage));
    for (const stage of stages) {
      const isReached = ending === "done" || (last !== undefined && stage.order < last.order);
      if (stage.presence === "always" && isReached && !hasChild(parent, stage)) {
        const because =
          ending === "done" ? `${parent.span.name} did its work` : `${last?.name} ran`;
        const expected = `${stage.name}, as ${because}`;
        this.#violations.add(parent.span, "missing-span", `no ${stage.name}`, expected);
      }
    }
    return last;
  }

  /** The spans that follow each other below a span, in their order. */
  #stagesBelow({ definition }: RequestSpan): SpanDefinition[] {
    return childrenOf(this.#contract, definition).filter(({ presence }) => presence !== "sampled");
  }
}

const reasons = {
  done: "did its work",
  rejected: "was rejected",
  failed: "failed",
  interrupted: "was interrupted",
} as const satisfies Record<Ending, string>;

/** Whether a span, or one below it, has what a failure leaves behind: an error or an exception. */
function hasFailed({ span, children }: RequestSpan): boolean {
  return span.status.code === "error" || exceptionsOf(span).length > 0 || children.some(hasFailed);
}

function exceptionsOf(span: Span): readonly SpanEvent[] {
  return span.events.filter(({ name }) => name === "exception");
}
