import type { Value } from "#contract";
import { type Field, type IntrinsicName, type Position, QueryError } from "#traceql";
import { quoted } from "../../store/index.ts";
import {
  clampedSql,
  pointerSql,
  presentSql,
  type SqlType,
  single,
  type TypedSql,
  type ValueSql,
} from "./typed-sql.ts";
import type { Vocabulary } from "./vocabulary.ts";

type AttributeField = Extract<Field, { type: "attribute" }>;

/** What a span has several of, and what one of them is called in a condition. */
const memberByScope = { events: "event_member", links: "link_member" } as const;
type MemberList = keyof typeof memberByScope;

/** What the columns of the contract's types hold. */
const typeOfColumn = { int: "int", double: "double", string: "string", boolean: "bool" } as const;

/**
 * The spans that one SELECT reads, under the alias `s`, and the tables that the fields of its
 * expressions need beside them.
 */
export class RowSource {
  readonly #vocabulary: Vocabulary;
  readonly #start: string;
  readonly #traces: string | null;
  /** Alias → the joined part. */
  readonly #joins = new Map<string, string>();
  readonly #resourceValues: string[] = [];
  /** While a condition is made: which lists it asks, one member at a time. */
  #members: Set<MemberList> | null = null;

  /**
   * @param start The FROM clause without joins; it has the alias `s`.
   * @param traces A SELECT of the only trace_ids that the start has, or null for all.
   */
  constructor(vocabulary: Vocabulary, start = "spans s", traces: string | null = null) {
    this.#vocabulary = vocabulary;
    this.#start = start;
    this.#traces = traces;
  }

  /**
   * A SELECT from these spans and the tables beside them. Its columns and conditions are written by
   * then, so that what they need is joined.
   */
  select(columns: string, rest = ""): string {
    const resources =
      this.#resourceValues.length === 0
        ? []
        : [
            `LEFT JOIN (SELECT id, ${this.#resourceValues.join(", ")} FROM resources) r ON r.id = s.resource_id`,
          ];
    const from = [this.#start, ...resources, ...this.#joins.values()].join(" ");
    return `SELECT ${columns} FROM ${from} ${rest}`;
  }

  /** Whether a field was asked for that the other spans of a trace tell. */
  get readsOtherSpans(): boolean {
    return Object.keys(traceJoins).some((alias) => this.#joins.has(alias));
  }

  /**
   * Makes a condition in which a field of an event or a link is that of one member. The condition
   * holds for a span when it holds for one of its members; without any, for none that is there.
   * A condition that is a part of another is about the same member.
   */
  withMembers(make: () => string): string {
    if (this.#members !== null) {
      return make();
    }
    const members = new Set<MemberList>();
    this.#members = members;
    const condition = make();
    this.#members = null;
    return [...members].reduce((inner, list) => {
      const all = `coalesce(nullif(json_extract(CAST(s.${list} AS JSON), '$[*]'), []), [CAST(NULL AS JSON)])`;
      return `(len(list_filter(${all}, ${memberByScope[list]} -> ${inner})) > 0)`;
    }, condition);
  }

  valueOf(field: Field, at: Position): ValueSql {
    return field.type === "intrinsic" ? this.#intrinsic(field.name, at) : this.#attribute(field);
  }

  #attribute({ scope, name }: AttributeField): ValueSql {
    switch (scope) {
      case "span":
        return this.#ofSpan(name);
      case "resource":
        return this.#ofResource(name);
      case "any":
        return firstThat(this.#ofSpan(name), this.#ofResource(name));
      case "event":
        return this.#ofMembers("events", name, this.#types("event", name));
      case "link":
        return this.#ofMembers("links", name, this.#types("link", name));
      case "instrumentation":
        this.#joins.set("sc", "LEFT JOIN scopes sc ON sc.id = s.scope_id");
        return jsonValues("sc.attributes", name, this.#types("instrumentation", name), null);
      default:
        return scope satisfies never;
    }
  }

  #types(...[scope, key]: Parameters<Vocabulary["listTypes"]>) {
    return this.#vocabulary.listTypes(scope, key);
  }

  #ofMembers(list: MemberList, key: string, types: ReadonlySet<Value["type"]>): ValueSql {
    if (this.#members === null) {
      return jsonValuesOfMany(`s.${list}`, ["attributes", key], types);
    }
    this.#members.add(list);
    return jsonValues(`json_extract(${memberByScope[list]}, '/attributes')`, key, types, null);
  }

  #ofSpan(key: string): ValueSql {
    const types = this.#types("span", key);
    const columns = this.#vocabulary.listColumns(key);
    const values = columns.map(({ name, type }) => single(typeOfColumn[type], `s.${quoted(name)}`));
    const columnTypes = new Set(values.map(({ type }) => type));
    const others = new Set([...types].filter((type) => !columnTypes.has(type as never)));
    // Of a key that stands twice the first counts, and then only that can be in a column.
    const guard =
      values.length === 0 ? null : values.map(({ sql }) => `${sql} IS NULL`).join(" AND ");
    return [...values, ...jsonValues("s.attributes", key, others, guard)];
  }

  #ofResource(key: string): ValueSql {
    const types = this.#types("resource", key);
    // The column holds the string alone, which is nearly always all there is.
    if (key === "service.name" && [...types].every((type) => type === "string")) {
      return [single("string", "s.service")];
    }
    return jsonValues("attributes", key, types, null).map((value) => {
      const alias = `value_${this.#resourceValues.length}`;
      this.#resourceValues.push(`${value.sql} AS ${alias}`);
      return { ...value, sql: `r.${alias}` };
    });
  }

  #memberIntrinsic({ list, type, sql }: MemberIntrinsic): TypedSql {
    if (this.#members === null) {
      const all = `json_extract(CAST(s.${list} AS JSON), '$[*]')`;
      return { type, sql: `list_transform(${all}, member -> ${sql("member")})`, isList: true };
    }
    this.#members.add(list);
    return single(type, sql(memberByScope[list]));
  }

  #intrinsic(name: IntrinsicName, at: Position): ValueSql {
    const plain = plainIntrinsics[name];
    if (plain !== undefined) {
      return [plain];
    }
    const ofMember = memberIntrinsics[name];
    if (ofMember !== undefined) {
      return [this.#memberIntrinsic(ofMember)];
    }
    const ofTrace = traceIntrinsics[name];
    if (ofTrace !== undefined) {
      const { join, value } = ofTrace;
      this.#joins.set(join, traceJoins[join](this.#traces));
      return [value];
    }
    switch (name) {
      case "instrumentation:name":
      case "instrumentation:version":
        this.#joins.set("sc", "LEFT JOIN scopes sc ON sc.id = s.scope_id");
        return [single("string", name === "instrumentation:name" ? "sc.name" : "sc.version")];
      default:
        throw new QueryError("unsupported", at, `the intrinsic ${name} in this place`);
    }
  }
}

const plainIntrinsics: Partial<Record<IntrinsicName, TypedSql>> = {
  "span:id": single("string", idSql("s.span_id")),
  "span:parentID": single("string", idSql("s.parent_id")),
  "span:name": single("string", "s.name"),
  "span:duration": single("duration", "s.duration_ns"),
  "span:status": single("status", "s.status"),
  "span:statusMessage": single("string", "s.status_message"),
  "span:kind": single("kind", "s.kind"),
  "trace:id": single("string", "replace(CAST(s.trace_id AS VARCHAR), '-', '')"),
};

function idSql(column: string): string {
  return `lpad(lower(to_hex(${column})), 16, '0')`;
}

interface MemberIntrinsic {
  readonly list: MemberList;
  readonly type: TypedSql["type"];
  readonly sql: (member: string) => string;
}

const memberIntrinsics: Partial<Record<IntrinsicName, MemberIntrinsic>> = {
  "event:name": { list: "events", type: "string", sql: textMember("name") },
  "event:timeSinceStart": {
    list: "events",
    type: "duration",
    sql: (member) => clampedSql(`CAST(json_extract(${member}, '/time') AS HUGEINT) - s.start_ns`),
  },
  "link:traceID": { list: "links", type: "string", sql: textMember("trace_id") },
  "link:spanID": { list: "links", type: "string", sql: textMember("span_id") },
};

function textMember(key: string): (member: string) => string {
  return (member) => `json_extract_string(${member}, ${pointerSql(key)})`;
}

/** The values of the first that is there at all. */
function firstThat(first: ValueSql, second: ValueSql): ValueSql {
  if (first.length === 0 || second.length === 0) {
    return first.length === 0 ? second : first;
  }
  const isMissing = `NOT ${presentSql(first)}`;
  return [
    ...first,
    ...second.map((value) => ({ ...value, sql: `CASE WHEN ${isMissing} THEN ${value.sql} END` })),
  ];
}

/** Intrinsics of a span that only the other spans of its trace tell, from a table beside `s`. */
const traceIntrinsics: Partial<
  Record<IntrinsicName, { readonly join: keyof typeof traceJoins; readonly value: TypedSql }>
> = {
  "span:childCount": {
    join: "children",
    value: single("int", "coalesce(children.child_count, 0)"),
  },
  "trace:duration": { join: "whole", value: single("duration", "whole.duration_ns") },
  // A trace without a root has empty ones.
  "trace:rootName": { join: "root", value: single("string", "coalesce(root.name, '')") },
  "trace:rootService": { join: "root", value: single("string", "coalesce(root.service, '')") },
  // A span that no path from a root leads to has zeros, as in Tempo.
  nestedSetParent: {
    join: "nested",
    value: single(
      "int",
      "CASE WHEN s.parent_id IS NULL THEN -1 ELSE coalesce(nested.parent_left, 0) END",
    ),
  },
  nestedSetLeft: { join: "nested", value: single("int", "coalesce(nested.set_left, 0)") },
  nestedSetRight: { join: "nested", value: single("int", "coalesce(nested.set_right, 0)") },
};

const wholeDuration = clampedSql(
  "max(CAST(start_ns AS HUGEINT) + duration_ns) - min(CAST(start_ns AS HUGEINT))",
);

/** @param traces A SELECT of the trace_ids that matter, or null for all: then every span is read. */
type Join = (traces: string | null) => string;

const traceJoins = {
  children: (traces) =>
    `LEFT JOIN (SELECT trace_id, parent_id, count(*) AS child_count FROM spans WHERE parent_id IS NOT NULL${among(traces)} GROUP BY ALL) children ON children.trace_id = s.trace_id AND children.parent_id = s.span_id`,
  whole: (traces) =>
    `LEFT JOIN (SELECT trace_id, ${wholeDuration} AS duration_ns FROM spans WHERE true${among(traces)} GROUP BY ALL) whole ON whole.trace_id = s.trace_id`,
  root: (traces) =>
    `LEFT JOIN (SELECT trace_id, arg_min(name, (start_ns, span_id)) AS name, arg_min(coalesce(service, ''), (start_ns, span_id)) AS service FROM spans WHERE parent_id IS NULL${among(traces)} GROUP BY ALL) root ON root.trace_id = s.trace_id`,
  nested: (traces) =>
    `LEFT JOIN (${nestedSetsSql(among(traces))}) nested ON nested.row_id = s.rowid`,
} as const satisfies Record<string, Join>;

function among(traces: string | null): string {
  return traces === null ? "" : ` AND trace_id IN (${traces})`;
}

/**
 * The tree of each trace as nested sets: a span's left and right number enclose those of all spans
 * below it. Children are numbered in the order of their starts. A span that no path from a root
 * leads to is not in the answer. Where several spans have the id of a parent, the first of them is it.
 *
 * Numbers are counted by a walk through the trees that comes to each span and leaves it again: each of
 * these moves knows the one behind it. How many there are up to the end is found by taking steps of 1,
 * 2, 4 … moves, so that a chain of n spans needs log n rounds, and a walk in circles ends too.
 *
 * @param among A further condition on spans, which begins with AND, or nothing.
 * @returns A SELECT of row_id, set_left, set_right, parent_left.
 */
function nestedSetsSql(among: string): string {
  return `WITH RECURSIVE placed AS MATERIALIZED (
  SELECT trace_id, span_id, parent_id, rowid AS row_id,
    row_number() OVER (ORDER BY trace_id, start_ns, span_id, rowid) AS place,
    ceil(log2(count(*) OVER (PARTITION BY trace_id))) + 1 AS rounds
  FROM spans WHERE true${among}
), parented AS MATERIALIZED (
  SELECT own.trace_id, own.row_id, own.place, own.rounds, own.parent_id IS NULL AS is_root,
    min(above.place) AS parent_place
  FROM placed own LEFT JOIN placed above ON above.trace_id = own.trace_id
    AND above.span_id = own.parent_id AND above.place <> own.place
  GROUP BY ALL
), linked AS (
  SELECT own.*, first_place, lead(own.place) OVER (
    PARTITION BY trace_id, is_root, own.parent_place ORDER BY own.place) AS next_place
  FROM parented own LEFT JOIN (
    SELECT parent_place, min(place) AS first_place FROM parented GROUP BY parent_place
  ) below ON below.parent_place = own.place
), walked(move, next_move, distance, round, rounds) AS (
  SELECT unnest([2 * place, 2 * place + 1]),
    unnest([
      coalesce(2 * first_place, 2 * place + 1),
      coalesce(2 * next_place, 2 * parent_place + 1, CASE WHEN NOT is_root THEN 2 * place + 1 END)
    ]), 1, 0, rounds
  FROM linked
  UNION ALL
  SELECT own.move, far.next_move, own.distance + coalesce(far.distance, 0), own.round + 1, own.rounds
  FROM walked own LEFT JOIN walked far ON far.move = own.next_move
  WHERE own.round < own.rounds
), counted AS (
  SELECT move, distance FROM walked WHERE round = rounds AND next_move IS NULL
), numbered AS MATERIALIZED (
  SELECT row_id, place, parent_place, came.distance - gone.distance AS width,
    max(came.distance) OVER (PARTITION BY trace_id) + 1 - came.distance AS set_left
  FROM parented
  JOIN counted came ON came.move = 2 * place
  JOIN counted gone ON gone.move = 2 * place + 1
)
SELECT own.row_id, own.set_left, own.set_left + own.width AS set_right, parent.set_left AS parent_left
FROM numbered own LEFT JOIN numbered parent ON parent.place = own.parent_place`;
}

type ValueType = Value["type"];

interface JsonForm {
  readonly type: SqlType;
  /** Names that DuckDB's json_type gives for it. */
  readonly jsonTypes: readonly string[];
  readonly read: (json: string) => string;
}

const scalarForms = {
  string: {
    type: "string",
    jsonTypes: ["VARCHAR"],
    read: (json) => `json_extract_string(${json}, '')`,
  },
  int: {
    type: "int",
    jsonTypes: ["BIGINT", "UBIGINT"],
    read: (json) => `TRY_CAST(${json} AS BIGINT)`,
  },
  double: {
    type: "double",
    jsonTypes: ["DOUBLE"],
    read: (json) => `TRY_CAST(${json} AS DOUBLE)`,
  },
  bool: {
    type: "bool",
    jsonTypes: ["BOOLEAN"],
    read: (json) => `TRY_CAST(${json} AS BOOLEAN)`,
  },
} as const satisfies Partial<Record<ValueType, JsonForm>>;

const forms: readonly JsonForm[] = Object.values(scalarForms);
const comparableTypes = forms
  .flatMap(({ jsonTypes }) => jsonTypes.map((name) => `'${name}'`))
  .join(", ");

/**
 * What an attribute may be that stands in a JSON text.
 * @param types Those that were ever seen of it; for others there is nothing to ask.
 * @param guard A condition without which the text does not count, or null.
 */
function jsonValues(
  text: string,
  key: string,
  types: ReadonlySet<ValueType>,
  guard: string | null,
): ValueSql {
  const json = `json_extract(${text}, ${pointerSql(key)})`;
  const guarded = (sql: string) => (guard === null ? sql : `CASE WHEN ${guard} THEN ${sql} END`);
  const values: TypedSql[] = [];
  if (types.has("array")) {
    return withArrays(json).map((value) => ({ ...value, sql: guarded(value.sql) }));
  }
  for (const [valueType, form] of Object.entries(scalarForms)) {
    if (types.has(valueType as ValueType)) {
      values.push(single(form.type, guarded(buildWhenSql(form, json))));
    }
  }
  return values;
}

/** An array of one is that one, as in Tempo. A longer one is its elements, and itself where it is shown. */
function withArrays(json: string): ValueSql {
  const length = `json_array_length(CASE WHEN json_type(${json}) = 'ARRAY' THEN ${json} END)`;
  const scalar = `CASE WHEN ${length} = 1 THEN json_extract(${json}, '$[0]') ELSE ${json} END`;
  const elements = `CASE WHEN ${length} > 1 THEN CAST(${json} AS JSON[]) END`;
  const isScalar = `json_type(json_extract(${json}, '$[0]')) IN (${comparableTypes})`;
  const isWhole = `${length} > 1 OR ${length} = 1 AND NOT ${isScalar}`;
  return [
    ...forms.map((form) => single(form.type, buildWhenSql(form, scalar))),
    ...forms.map((form) => buildListSql(elements, form)),
    single("array", `CASE WHEN ${isWhole} THEN CAST(${json} AS VARCHAR) END`),
  ];
}

/** One attribute of all events or links of a span: a list for each type that it may have. */
function jsonValuesOfMany(
  list: string,
  path: readonly string[],
  types: ReadonlySet<ValueType>,
): ValueSql {
  const members = `json_extract(CAST(${list} AS JSON), '$[*]')`;
  const values = `list_transform(${members}, member -> json_extract(member, ${pointerSql(...path)}))`;
  if (types.has("array")) {
    const elements = `CASE WHEN json_type(one) = 'ARRAY' THEN CAST(one AS JSON[]) ELSE [one] END`;
    const all = `flatten(list_transform(${values}, one -> ${elements}))`;
    return forms.map((form) => buildListSql(all, form));
  }
  return forms
    .filter((form) => [...types].some((type) => findScalarForm(type) === form))
    .map((form) => buildListSql(values, form));
}

function buildListSql(elements: string, form: JsonForm): TypedSql {
  const sql = `list_transform(${elements}, element -> ${buildWhenSql(form, "element")})`;
  return { type: form.type, sql, isList: true };
}

function buildWhenSql(form: JsonForm, json: string): string {
  const names = form.jsonTypes.map((name) => `'${name}'`).join(", ");
  return `CASE WHEN json_type(${json}) IN (${names}) THEN ${form.read(json)} END`;
}

function findScalarForm(type: ValueType): JsonForm | undefined {
  return type in scalarForms ? scalarForms[type as keyof typeof scalarForms] : undefined;
}
