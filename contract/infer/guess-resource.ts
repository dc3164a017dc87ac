import { contentFault } from "../define/attribute.ts";
import type { Resource } from "../otlp/span.ts";
import type { AttributeDraft, ContractDraft } from "./draft.ts";
import { guessAttribute } from "./guess-attribute.ts";
import type { Observation } from "./observe.ts";
import { findForm } from "./value-forms.ts";
import { counted, createIdentifiers } from "./words.ts";

type ResourceGuess = Pick<ContractDraft, "resource" | "instance" | "defaults">;

/** What differs between processes, machines or libraries, and not between deployments of the service. */
const ofProcess =
  /^(?:telemetry|process|os|host|container|device|service\.instance|k8s\.(?:pod|node|container)|webengine)\./;
/** More is no dimension of a dashboard. */
const mostValues = 10;

/** The sender: its name, and what every resource has that takes few values. */
export function guessResource({ service, spans, traces }: Observation): ResourceGuess {
  const resources = [...new Set(spans.map(({ span }) => span.resource))];
  const name: AttributeDraft = {
    key: "service.name",
    type: "string",
    brief: "The service. Queries and dashboards ask for it.",
    pattern: findForm([service], { mayShowPrefixes: true })?.pattern,
    examples: [service],
    semconv: "service.name",
    evidence: `in ${counted(traces.length, "trace")}`,
  };
  const others = listKeys(resources)
    .map((key) => guessOne(key, resources))
    .filter((guess) => guess !== undefined);
  const identifiers = createIdentifiers([name.key, ...others.map(({ key }) => key)]);
  const resource = Object.fromEntries(
    [name, ...others].map((draft) => [identifiers.get(draft.key) ?? "", draft]),
  );
  const instance = guessInstance(resources);
  return {
    resource,
    instance,
    defaults: { [identifiers.get(name.key) ?? ""]: service },
  };
}

function listKeys(resources: readonly Resource[]): string[] {
  const keys = new Set(resources.flatMap(({ attributes }) => attributes.map(({ key }) => key)));
  return [...keys].filter(
    (key) =>
      key !== "service.name" &&
      !ofProcess.test(key) &&
      contentFault(key) === undefined &&
      resources.every(({ attributes }) => attributes.some((attribute) => attribute.key === key)),
  );
}

function guessOne(key: string, resources: readonly Resource[]): AttributeDraft | undefined {
  const values = resources.flatMap(({ attributes }) =>
    attributes.filter((attribute) => attribute.key === key).map(({ value }) => value),
  );
  const texts = values.flatMap((value) => (value.type === "string" ? [value.value] : []));
  const distinct = new Set(texts);
  if (texts.length < values.length || distinct.size > mostValues) {
    return undefined;
  }
  // A resource is sent with every export: its values come back.
  const tracesByText = new Map([...distinct].map((text) => [text, 2]));
  const guess = guessAttribute({ key, values, spans: values.length, tracesByText });
  return "reason" in guess
    ? undefined
    : {
        ...guess,
        evidence: `${counted(distinct.size, "value")} in ${counted(resources.length, "resource")}`,
      };
}

function guessInstance(resources: readonly Resource[]): AttributeDraft | undefined {
  const key = "service.instance.id";
  const values = resources.flatMap(({ attributes }) =>
    attributes.filter((attribute) => attribute.key === key).map(({ value }) => value),
  );
  const texts = values.flatMap((value) => (value.type === "string" ? [value.value] : []));
  if (texts.length === 0) {
    return undefined;
  }
  const guess = guessAttribute({
    key,
    values,
    spans: values.length,
    tracesByText: new Map(texts.map((text) => [text, 1])),
  });
  return "reason" in guess || guess.type !== "string" ? undefined : guess;
}
