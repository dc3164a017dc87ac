import {
  bytesToHex,
  type Contract,
  findContract,
  findValue,
  getDuration,
  getEarliestStart,
  getRootSpan,
  type KeyValue,
  listChildren,
  listHighlights,
  type Span,
  type SpanDefinition,
  shortText,
  toUnit,
  type Value,
  type Wait,
} from "#contract";
import { plain, type Style } from "../command/terminal.ts";

interface SpanTreeOptions {
  readonly columns?: number;
  readonly style?: Style;
}

interface Row {
  readonly span: Span;
  /** The lines of the tree before the name. */
  readonly branch: string;
  /** The lines of the tree before what goes on below. */
  readonly below: string;
}

const widestBar = 24;
const narrowBar = 16;
/** Eighths of a column, so that short spans differ and long ones end where they end. */
const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/**
 * Draws spans as a tree: name, duration, when it ran, what its stage found out, which goes on below
 * where the columns end. A wait that the contract declares has a line of its own, although it is no span.
 * Takes any spans; those whose parent is not among them are roots.
 */
export function drawSpanTree(
  contracts: readonly Contract[],
  spans: readonly Span[],
  { columns = 100, style = plain }: SpanTreeOptions = {},
): string[] {
  const waits = new Set(listWaits(contracts, spans));
  const rows = createRows([...spans, ...waits]);
  const nameColumns = Math.max(
    ...rows.map(({ span, branch }) => (branch + nameColumn(span)).length),
    0,
  );
  const period = computePeriod(spans, columns < 100 ? narrowBar : widestBar);
  return rows.flatMap(({ span, branch, below }) => {
    const isWait = waits.has(span);
    const isError = span.status.code === "error";
    const left = (branch + nameColumn(span)).padEnd(nameColumns);
    const duration = formatDuration(getDuration(span)).padStart(8);
    const bar = isWait ? formatWaitBar(span, period) : formatBar(span, period);
    const used = `${left}  ${duration}  ${bar}  `.length;
    const [beside = "", ...more] = packWords(listFacts(contracts, span), {
      first: columns - used,
      rest: columns - below.length,
    });
    const name = isError ? style("red", left) : left;
    const drawnBar = style(isError ? "red" : isWait ? "yellow" : "cyan", bar);
    return [
      `${name}  ${duration}  ${drawnBar}  ${style("dim", beside)}`.trimEnd(),
      ...more.map((line) => below + style("dim", line)),
    ];
  });
}

function createRows(spans: readonly Span[]): Row[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const byStart = spans.toSorted((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano));
  const children = Map.groupBy(byStart, ({ parentSpanId }) =>
    parentSpanId !== null && ids.has(parentSpanId) ? parentSpanId : null,
  );
  const rows: Row[] = [];
  const drawn = new Set<Span>();
  const visit = (span: Span, indent: string, ownBranch: string) => {
    if (drawn.has(span)) {
      return;
    }
    drawn.add(span);
    const below = children.get(span.spanId) ?? [];
    rows.push({ span, branch: ownBranch, below: indent + (below.length > 0 ? "│  " : "   ") });
    below.forEach((child, index) => {
      const isLast = index === below.length - 1;
      visit(child, `${indent}${isLast ? "   " : "│  "}`, `${indent}${isLast ? "└─ " : "├─ "}`);
    });
  };
  for (const root of children.get(null) ?? []) {
    visit(root, "", "");
  }
  // Parents in a circle have no root to be reached from.
  for (const span of byStart) {
    visit(span, "", "");
  }
  return rows;
}

interface Period {
  readonly start: bigint;
  readonly nanoseconds: number;
  /** How many columns it is drawn in. */
  readonly columns: number;
}

/** From the first start to the last end. */
function computePeriod(spans: readonly Span[], columns: number): Period {
  const start = getEarliestStart(spans);
  const ends = spans.map(({ endTimeUnixNano }) => Number(endTimeUnixNano - start));
  return { start, nanoseconds: Math.max(1, ...ends), columns };
}

/** Where in the period this span lies. */
function formatBar(span: Span, period: Period): string {
  const { columns } = period;
  const { from, to } = toEighths(span, period);
  const firstColumn = Math.min(columns - 1, Math.floor(from / 8));
  const length = Math.max(1, Math.min(columns * 8, to) - firstColumn * 8);
  const whole = "█".repeat(Math.floor(length / 8));
  return (" ".repeat(firstColumn) + whole + eighths[length % 8]).padEnd(columns);
}

/** The same for time in which nothing was done. */
function formatWaitBar(span: Span, period: Period): string {
  const { columns } = period;
  const { from, to } = toEighths(span, period);
  const firstColumn = Math.max(0, Math.min(columns - 1, Math.floor(from / 8)));
  const length = Math.max(1, Math.round(Math.min(columns * 8, to) / 8) - firstColumn);
  return (" ".repeat(firstColumn) + "░".repeat(length)).padEnd(columns);
}

function toEighths(span: Span, { start, nanoseconds, columns }: Period) {
  const scale = (columns * 8) / nanoseconds;
  const place = (time: bigint) => Math.max(0, Math.round(Number(time - start) * scale));
  const from = place(span.startTimeUnixNano);
  return { from, to: Math.max(from, place(span.endTimeUnixNano)) };
}

/**
 * The waits that no span covers, each as if it were a span: they are what a slow request often spent its
 * time on.
 */
function listWaits(contracts: readonly Contract[], spans: readonly Span[]): Span[] {
  return spans.flatMap((request) => {
    const contract = findContract(contracts, request);
    return contract === undefined || request.name !== getRootSpan(contract).name
      ? []
      : (contract.waits ?? []).flatMap((wait) => waitBefore(contract, wait, request, spans));
  });
}

function waitBefore(contract: Contract, wait: Wait, request: Span, spans: readonly Span[]): Span[] {
  const next = spans.find(
    ({ name, parentSpanId }) =>
      name === contract.spans[wait.before]?.name && parentSpanId === request.spanId,
  );
  const waited = readWaitNs(contract, wait, request);
  const end = next?.startTimeUnixNano;
  return waited === 0n || end === undefined
    ? []
    : [createWaitSpan(request, wait.name, end - waited, end)];
}

function createWaitSpan(
  request: Span,
  name: string,
  startTimeUnixNano: bigint,
  endTimeUnixNano: bigint,
): Span {
  return {
    ...request,
    spanId: `${request.spanId} ${name}`,
    parentSpanId: request.spanId,
    name,
    startTimeUnixNano,
    endTimeUnixNano,
    attributes: [],
    status: { code: "unset", message: "" },
  };
}

/** How long a request's root says that it waited; 0 where it hardly did. */
function readWaitNs(contract: Contract, { attribute, from }: Wait, root: Span): bigint {
  const { key = "", unit } = getRootSpan(contract).attributes[attribute] ?? {};
  const value = findValue(root.attributes, key);
  const waited = value?.type === "int" ? Number(value.value) : 0;
  return waited > from ? BigInt(Math.round(toUnit(waited, unit, "ns"))) : 0n;
}

/** What is worth a glance: the important first, then what the stage found out. */
function listFacts(contracts: readonly Contract[], span: Span): string[] {
  const contract = findContract(contracts, span);
  const definition = Object.values(contract?.spans ?? {}).find(({ name }) => name === span.name);
  if (contract === undefined || definition === undefined) {
    return [];
  }
  const waits = contract.waits ?? [];
  const identifiers = [
    ...listHighlights(contract, definition).filter((one) => !definition.atStart.includes(one)),
    ...definition.onSuccess,
    ...definition.atEnd,
  ];
  return [...new Set(identifiers)].flatMap((identifier) => {
    const key = definition.attributes[identifier]?.key;
    const attribute = span.attributes.find((candidate) => candidate.key === key);
    const isTrivial = waits.some(
      (wait) => wait.attribute === identifier && readWaitNs(contract, wait, span) === 0n,
    );
    return attribute === undefined || isTrivial ? [] : [attributeText(attribute)];
  });
}

/** The attributes of each span beside its name, going on below where the columns end. */
export function attributeLines(
  contracts: readonly Contract[],
  spans: readonly Span[],
  columns: number,
): string[] {
  const width = Math.max(...spans.map((span) => nameColumn(span).length), 0);
  const room = columns - width - 2;
  return inContractOrder(contracts, spans).flatMap((span) =>
    packWords(span.attributes.map(attributeText), { first: room, rest: room }).map((line, index) =>
      `${(index === 0 ? nameColumn(span) : "").padEnd(width)}  ${line}`.trimEnd(),
    ),
  );
}

/** The spans in the order in which the contract's stages run, a parent before its children. */
function inContractOrder(contracts: readonly Contract[], spans: readonly Span[]): Span[] {
  const order: string[] = [];
  for (const contract of contracts) {
    const visit = (definition: SpanDefinition) => {
      order.push(definition.name);
      listChildren(contract, definition).forEach(visit);
    };
    visit(getRootSpan(contract));
  }
  return spans.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

/** `key=value`, for a person: one that cannot be seen is escaped, and a long one is cut. */
function attributeText({ key, value }: KeyValue): string {
  return `${shortText(key)}=${shortText(valueText(value))}`;
}

function valueText(value: Value): string {
  switch (value.type) {
    case "string":
      return /^[^\s"=]+$/.test(value.value) ? value.value : JSON.stringify(value.value);
    case "bool":
    case "int":
      return String(value.value);
    case "double":
      return String(Math.round(value.value * 1000) / 1000);
    case "bytes":
      return bytesToHex(value.value);
    case "array":
      return `[${value.value.map(valueText).join(", ")}]`;
    case "map":
      return `{${value.value.map(attributeText).join(", ")}}`;
    case "empty":
      return "nothing";
    default:
      return value satisfies never;
  }
}

const units = [
  { name: "s", nanoseconds: 1e9 },
  { name: "ms", nanoseconds: 1e6 },
  { name: "µs", nanoseconds: 1e3 },
] as const;

/** A duration in the unit that suits it, with three digits at most after the first. */
export function formatDuration(nanoseconds: bigint): string {
  const length = Number(nanoseconds);
  const unit = units.find((candidate) => Math.abs(length) >= candidate.nanoseconds);
  if (unit === undefined) {
    return `${length} ns`;
  }
  const amount = length / unit.nanoseconds;
  return `${amount.toFixed(amount >= 100 ? 0 : amount >= 10 ? 1 : 2)} ${unit.name}`;
}

/** More would push everything else out of sight. */
const mostCharacters = 60;

/** A span's name as it stands before what is told of it. */
function nameColumn({ name }: Span): string {
  return shortText(name, mostCharacters);
}

/**
 * Puts words into lines, in their order. The first line has columns of its own, where 0 leaves it
 * empty; a word that is longer than a whole line is cut.
 */
export function packWords(
  words: readonly string[],
  { first, rest }: { readonly first: number; readonly rest: number },
): string[] {
  const lines = [""];
  for (const word of words) {
    const last = lines.at(-1) ?? "";
    const longer = last === "" ? word : `${last} ${word}`;
    if (longer.length <= (lines.length === 1 ? first : rest)) {
      lines[lines.length - 1] = longer;
    } else {
      lines.push(word.length <= rest ? word : `${word.slice(0, Math.max(0, rest - 1))}…`);
    }
  }
  return lines;
}
