import {
  type Attribute,
  type AttributeRecord,
  type Contract,
  type Deprecation,
  exceptionEvent,
  getRootSpan,
  getServiceName,
  type LogEvent,
  type MetricDefinition,
  type SpanDefinition,
  type Stability,
} from "#contract";
import {
  annotate,
  attributeFacts,
  metricFacts,
  sdkEntity,
  spanFacts,
  whenSucceeded,
} from "./facts.ts";

/** What a definition says about its name. */
interface Lifecycle {
  readonly stability: Stability | undefined;
  readonly deprecated: Deprecation | undefined;
  readonly renamedFrom: readonly string[] | undefined;
}

/** Every attribute once, whoever has it: of the spans, the sender, the log lines, an exception. */
export function attributeGroups(contract: Contract): object[] {
  const service = getServiceName(contract);
  return [
    {
      id: `registry.${service}`,
      type: "attribute_group",
      brief: `The attributes of ${service}.`,
      attributes: attributeDefinitions(contract),
    },
  ];
}

function attributeDefinitions(contract: Contract): object[] {
  const { attributes, resource, logEvents } = contract;
  const { instance } = resource;
  const records: AttributeRecord[] = [
    attributes,
    resource.attributes,
    instance === undefined ? {} : { instance },
    ...Object.values(logEvents).map(({ fields }) => fields),
  ];
  const byKey = new Map<string, object[]>();
  for (const [identifier, attribute] of records.flatMap((record) => Object.entries(record))) {
    if (!byKey.has(attribute.key)) {
      byKey.set(attribute.key, attributeWithFormer(contract, identifier, attribute));
    }
  }
  for (const { key, ...rest } of [...exceptionAttributes, ...sdkAttributes]) {
    byKey.set(key, byKey.get(key) ?? [{ id: key, type: "string", ...rest, stability: "stable" }]);
  }
  return [...byKey.values()].flat();
}

function attributeWithFormer(contract: Contract, identifier: string, attribute: Attribute) {
  const note = describeLimits(attribute);
  const body = {
    type: attributeType(contract, attribute),
    brief: attribute.brief,
    ...(note === "" ? {} : { note }),
    ...(attribute.values === undefined && attribute.type !== "boolean"
      ? { examples: attribute.examples }
      : {}),
  };
  const former = (attribute.renamedFrom ?? []).map((key) => ({
    id: key,
    ...body,
    ...formerly(attribute, attribute.key),
  }));
  return [
    {
      id: attribute.key,
      ...body,
      ...lifecycle(attribute),
      ...annotate(attributeFacts(identifier, attribute)),
    },
    ...former,
  ];
}

function attributeType(contract: Contract, { key, type, values }: Attribute): unknown {
  if (values === undefined) {
    return type;
  }
  const { outcomes } = contract;
  const ending = outcomes && contract.attributes[outcomes.attribute]?.key === key;
  const ids = new Set<string>();
  const members = values.map((value) => {
    const briefly = ending ? outcomes?.byName[String(value)]?.brief : undefined;
    return {
      id: memberId(String(value), ids),
      value,
      ...(briefly === undefined ? {} : { brief: briefly }),
      stability: "development",
    };
  });
  return { members };
}

/** `/v1/completions` → `v1_completions`. */
function memberId(value: string, taken: Set<string>): string {
  const word =
    value
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "_")
      .replace(/^_|_$/g, "") || "value";
  const id = taken.has(word) ? `${word}_${taken.size + 1}` : word;
  taken.add(id);
  return id;
}

/** What Weaver has no word for, for whoever reads its pages. */
function describeLimits({ unit, min, max, pattern }: Attribute): string {
  return [
    ...(unit === undefined ? [] : [`In \`${unit}\`.`]),
    ...(min === undefined ? [] : [`At least ${min}.`]),
    ...(max === undefined ? [] : [`At most ${max}.`]),
    ...(pattern === undefined ? [] : [`Matches \`${pattern.source}\`.`]),
  ].join(" ");
}

function lifecycle({ stability = "development", deprecated }: Lifecycle): object {
  return { stability, ...(deprecated && { deprecated: deprecation(deprecated) }) };
}

function deprecation({ renamedTo, note }: Deprecation): object {
  return renamedTo === undefined
    ? { reason: "obsoleted", note }
    : { reason: "renamed", renamed_to: renamedTo, ...(note === undefined ? {} : { note }) };
}

/** How a name that nobody sends any more stands in a registry. */
function formerly({ stability }: Lifecycle, now: string): object {
  return lifecycle({ stability, deprecated: { renamedTo: now }, renamedFrom: undefined });
}

/** Spans in the words of `definition/2`: a group has no place for their names, and needs attributes. */
export function spanDefinitions(contract: Contract): object[] {
  return Object.values(contract.spans).flatMap((span) => {
    const body = {
      requirement_level: "recommended",
      kind: span.kind,
      brief: span.brief,
      attributes: spanAttributes(contract, span),
      entity_associations: ["service"],
    };
    return [
      {
        ...nameOfSpan(span.name),
        ...body,
        ...lifecycle(span),
        ...annotate(spanFacts(contract, span)),
      },
      ...(span.renamedFrom ?? []).map((name) => ({
        ...nameOfSpan(name),
        ...body,
        ...formerly(span, span.name),
      })),
    ];
  });
}

function nameOfSpan(name: string): object {
  return { type: name, name: { note: name } };
}

function spanAttributes(contract: Contract, span: SpanDefinition): object[] {
  return Object.entries(span.attributes).map(([identifier, { key }]) => {
    const atStart = span.atStart.includes(identifier);
    return {
      ref: key,
      requirement_level: requirementLevel(contract, span, identifier),
      ...(atStart ? { sampling_relevant: true } : {}),
    };
  });
}

function requirementLevel(contract: Contract, span: SpanDefinition, identifier: string): unknown {
  if ([...span.atStart, ...span.atEnd].includes(identifier)) {
    return "required";
  }
  if (span.onSuccess.includes(identifier)) {
    return { conditionally_required: whenSucceeded };
  }
  const { outcomes } = contract;
  const needing = Object.entries(outcomes?.byName ?? {})
    .filter(([, { needs = [] }]) => needs.includes(identifier))
    .map(([name]) => name);
  if (needing.length === 0 || span !== getRootSpan(contract)) {
    return "recommended";
  }
  const outcome = contract.attributes[outcomes?.attribute ?? ""]?.key;
  return { conditionally_required: `When \`${outcome}\` is ${needing.join(", ")}.` };
}

const instruments = {
  histogram: "histogram",
  counter: "counter",
  "observable-counter": "counter",
  gauge: "gauge",
} as const satisfies Record<MetricDefinition["instrument"], string>;

export function metricGroups({ metrics = {} }: Contract): object[] {
  return Object.values(metrics).flatMap((metric) => {
    const body = {
      type: "metric",
      brief: metric.brief,
      note: metric.advice,
      instrument: instruments[metric.instrument],
      unit: metric.unit,
      attributes: required(Object.values(metric.attributes)),
      entity_associations: ["service.instance"],
    };
    return [
      {
        ...nameOfMetric(metric.name),
        ...body,
        ...lifecycle(metric),
        ...annotate(metricFacts(metric)),
      },
      ...(metric.renamedFrom ?? []).map((name) => ({
        ...nameOfMetric(name),
        ...body,
        ...formerly(metric, metric.name),
      })),
    ];
  });
}

function nameOfMetric(name: string): object {
  return { id: `metric.${name}`, metric_name: name };
}

function required(attributes: readonly Attribute[]): object[] {
  return attributes.map(({ key }) => ({ ref: key, requirement_level: "required" }));
}

/** The log lines, and the exception that any span may have. */
export function eventGroups(contract: Contract): object[] {
  return [
    ...Object.values(contract.logEvents).map((event) => logEventDefinition(contract, event)),
    {
      ...nameOfEvent(exceptionEvent.name),
      brief: "An exception that ended a stage: its class and its place, never its message.",
      stability: "stable",
      attributes: exceptionAttributes.map(({ key }) => ({ ref: key })),
    },
  ];
}

function nameOfEvent(name: string): object {
  return { id: `event.${name}`, type: "event", name };
}

function logEventDefinition({ spans }: Contract, event: LogEvent): object {
  const { identifier, name, brief, level, span, fields, required: always } = event;
  return {
    ...nameOfEvent(name),
    brief,
    stability: "development",
    attributes: Object.entries(fields).map(([field, { key }]) => ({
      ref: key,
      requirement_level: always.includes(field) ? "required" : "recommended",
    })),
    entity_associations: ["service"],
    ...annotate({ identifier, level, span: span === null ? null : spans[span]?.name }),
  };
}

const exceptionAttributes = [
  {
    key: exceptionEvent.type.key,
    brief: "The class of an exception.",
    examples: ["TypeError"],
  },
  {
    key: exceptionEvent.message.key,
    brief: "A code, or nothing: what an exception says may repeat content.",
    examples: ["model_unavailable"],
  },
  {
    key: exceptionEvent.stack.key,
    brief: "Where an exception was thrown.",
    examples: ["TypeError\n    at decode (server/main.ts:1:1)"],
  },
];

/** What OpenTelemetry's SDKs add to a resource by themselves, whatever a contract says. */
const sdkAttributes = [
  {
    key: "telemetry.sdk.name",
    brief: "The name of the SDK.",
    examples: ["opentelemetry"],
  },
  {
    key: "telemetry.sdk.language",
    brief: "The language of the SDK.",
    examples: ["python", "nodejs"],
  },
  {
    key: "telemetry.sdk.version",
    brief: "The version of the SDK.",
    examples: ["1.45.2"],
  },
  {
    key: "service.instance.id",
    brief: "Which process of the service.",
    examples: ["6b1f0c1e-8a4e-4d0e-9a51-6f0f3c2b7a10"],
  },
];

/** Who sends: the service, and which process of it where that is told. */
export function entityGroups(contract: Contract): object[] {
  const { attributes, serviceName, instance, defaults } = contract.resource;
  const byKey = Object.entries(defaults).map(([name, value]) => [attributes[name]?.key, value]);
  const { tracerName, failures, undeclared } = contract;
  return [
    {
      ...nameOfEntity("service"),
      brief: `The service, ${getServiceName(contract)} by default.`,
      stability: "development",
      attributes: Object.entries(attributes).map(([identifier, { key }]) => ({
        ref: key,
        requirement_level: "required",
        role: identifier === serviceName ? "identifying" : "descriptive",
      })),
      ...annotate({ tracerName, failures, undeclared, defaults: Object.fromEntries(byKey) }),
    },
    ...(instance === undefined
      ? []
      : [
          {
            ...nameOfEntity("service.instance"),
            brief: "A process of the service. Its metrics have it, its spans need not.",
            stability: "development",
            attributes: [{ ref: instance.key, requirement_level: "required", role: "identifying" }],
          },
        ]),
    {
      ...nameOfEntity(sdkEntity),
      brief: "The SDK that sends, and what it adds by itself.",
      stability: "stable",
      attributes: sdkAttributes.map(({ key }) => ({ ref: key, role: "descriptive" })),
    },
  ];
}

function nameOfEntity(name: string): object {
  return { id: `entity.${name}`, type: "entity", name };
}
