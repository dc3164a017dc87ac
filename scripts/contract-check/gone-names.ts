import {
  type Condition,
  type ContractCheck,
  type Service,
  traceql,
  type UnseenName,
} from "#contract";
import { generatedFiles as dashboards } from "../../dashboards/index.ts";
import { generatedFiles as provisioning } from "../../provisioning/index.ts";
import { searchTempo } from "../../stack/index.ts";
import { type NameUse, usesIn } from "../contract-diff/name-uses.ts";
import type { SampleRequest } from "./read-sample.ts";

/** A declared name that something asks for, and that nobody sends any more. */
export interface GoneName extends UnseenName {
  /** When it was there last, in milliseconds since 1970. */
  readonly lastSeenMs: number;
  readonly panels: number;
  readonly queries: number;
  readonly alerts: number;
}

/** How far before the time that is looked at: who sent a name then still means to. */
const lookBackSeconds = 86_400;
const askedAtOnce = 4;

/**
 * Of the names that a sample does not have, those that the store has of the day before and not of the whole
 * time that was looked at. What nobody sent then either was perhaps never meant to come.
 */
export async function findGoneNames(
  service: Service,
  { unseenNames }: ContractCheck,
  request: SampleRequest,
): Promise<GoneName[]> {
  const seen = await inTurns(unseenNames, (name) => findLastSeen(service, name, request));
  const gone = unseenNames.flatMap((name, index) => {
    const lastSeenMs = seen[index];
    return lastSeenMs === undefined ? [] : [{ ...name, lastSeenMs }];
  });
  if (gone.length === 0) {
    return [];
  }
  const files = [
    ...(await dashboards([service])),
    ...provisioning([service]).filter(({ path }) => !path.endsWith(".md")),
  ];
  return gone
    .map((name) => {
      const uses = files.flatMap((file) => usesIn(file, name.name));
      const count = (kind: NameUse["kind"]) => uses.filter((use) => use.kind === kind).length;
      return { ...name, panels: count("panel"), queries: count("query"), alerts: count("alert") };
    })
    .filter(({ panels, queries, alerts }) => panels + queries + alerts > 0);
}

/** Undefined for what is there now, and for what was not there before either. */
async function findLastSeen(
  service: Service,
  name: UnseenName,
  { store, sinceMs }: SampleRequest,
): Promise<number | undefined> {
  const text = askFor(service, name);
  const { tempoUrl, authorization } = store;
  const end = Math.ceil(Date.now() / 1000) + 1;
  const start = end - Math.ceil(sinceMs / 1000);
  const search = { text, limit: 1, authorization };
  const now = await searchTempo(tempoUrl, { ...search, start, end });
  if (now.traces.length > 0) {
    return undefined;
  }
  const range = { start: start - lookBackSeconds, end: start };
  const [before] = (await searchTempo(tempoUrl, { ...search, ...range })).traces;
  return before === undefined ? undefined : Number(before.startTimeUnixNano ?? "0") / 1e6;
}

function askFor({ contract }: Service, { kind, identifier, spanNames }: UnseenName): string {
  const query = traceql(contract);
  if (kind === "span") {
    return query.spans(identifier).text;
  }
  const owners = Object.values(contract.spans)
    .filter(({ name }) => spanNames.includes(name))
    .map((span) => span.identifier);
  return query.spans(owners, (attributes) => {
    const fields = attributes as Readonly<Record<string, { isNotNull(): Condition }>>;
    const field = fields[identifier];
    if (field === undefined) {
      throw new Error(`${owners.join(", ")} have no ${identifier}`);
    }
    return field.isNotNull();
  }).text;
}

/** A few at once: a store answers others too. */
async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let first = 0; first < items.length; first += askedAtOnce) {
    results.push(...(await Promise.all(items.slice(first, first + askedAtOnce).map(work))));
  }
  return results;
}
