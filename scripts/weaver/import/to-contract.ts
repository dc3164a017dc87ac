import { type ContractSource, constantName, identifierOf } from "#contract";
import { AttributeTerms } from "./attribute-sources.ts";
import { eventSources, listEvents } from "./event-sources.ts";
import { Losses } from "./losses.ts";
import { metricSources } from "./metric-sources.ts";
import type { Registry } from "./registry.ts";
import { findEntityFacts, resourceSource } from "./resource-source.ts";
import { treeOfSpans } from "./span-sources.ts";

export interface ImportChoices {
  /** The registry in words, for the file. */
  readonly from: string;
  readonly service: string;
  readonly roots: readonly string[];
}

export interface ImportedContract {
  readonly source: ContractSource;
  /** The names of the spans without a parent; a contract needs one. */
  readonly roots: readonly string[];
  readonly losses: ReturnType<Losses["list"]>;
}

/** A registry as a contract, with everything that did not fit into it. */
export function toContract(registry: Registry, choices: ImportChoices): ImportedContract {
  const losses = new Losses();
  const terms = new AttributeTerms(registry, losses);
  const events = listEvents(registry.signals);
  const keysOf = (kinds: readonly string[]) =>
    registry.signals
      .filter(({ kind }) => kinds.includes(kind))
      .flatMap(({ uses }) => uses.map(({ key }) => key));
  const used = new Set(keysOf(["span", "metric", "event", "entity"]));
  const ofSpans = keysOf(["span"]);
  const attributes = terms.declare([...ofSpans, ...keysOf(["metric"]), ...terms.listUnused(used)]);
  const declared = new Set(Object.values(attributes).map(({ key }) => key));
  const logFields = terms.declare(
    events.flatMap(({ uses }) => uses.map(({ key }) => key)).filter((key) => !declared.has(key)),
    Object.keys(attributes),
  );
  const { spans, roots } = treeOfSpans(registry.signals, {
    roots: choices.roots,
    attributes,
    losses,
  });
  const metrics = metricSources(registry.signals, { attributes, losses });
  const facts = findEntityFacts(registry);
  const undeclared = facts?.undeclared ?? undeclaredNames(ofSpans, declared, registry);
  const source: ContractSource = {
    name: constantName(identifierOf(choices.service, new Set())),
    // It stands in a comment, which a stranger's words must not end.
    brief: `What ${choices.service} sends.`,
    comment: [`Imported from ${choices.from}.`],
    tracerName: facts?.tracerName ?? choices.service,
    // Nobody says that the service's spans tell of failures as this project's do.
    ...(facts === undefined ? { failures: "freely" as const } : optional(facts.failures)),
    ...(undeclared.length === 0 ? {} : { undeclared: undeclared.map((name) => ({ name })) }),
    resource: resourceSource(registry, {
      serviceName: choices.service,
      needsInstance: Object.keys(metrics).length > 0,
      terms,
      losses,
    }),
    attributes,
    spans,
    metrics,
    logFields,
    logEvents: eventSources(events, {
      fields: { ...attributes, ...logFields },
      spans: new Map(Object.entries(spans).map(([identifier, { name }]) => [name, identifier])),
      losses,
    }),
  };
  return { source, roots, losses: losses.list() };
}

function optional(failures: ContractSource["failures"]): Pick<ContractSource, "failures"> {
  return failures === undefined ? {} : { failures };
}

/** What spans have and a contract cannot declare is not judged. A template stands for many names. */
function undeclaredNames(
  keys: readonly string[],
  declared: ReadonlySet<string>,
  { attributes }: Registry,
): string[] {
  const missing = new Set(keys.filter((key) => !declared.has(key)));
  return [...missing].map((key) =>
    attributes.get(key)?.type.startsWith("template[") === true ? `${key}.*` : key,
  );
}
