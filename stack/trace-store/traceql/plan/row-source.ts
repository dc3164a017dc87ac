import type { Value } from "#contract";
import { type Field, type IntrinsicName, type Position, QueryError } from "#traceql";
import { quoted } from "../../store/index.ts";
import { jsonValues, jsonValuesOfMany } from "./json-values.ts";
import { clampedSql, pointerSql } from "./sql-text.ts";
import { traceIntrinsics, traceJoins } from "./trace-intrinsics.ts";
import { presentSql, single, type TypedSql, type ValueSql } from "./typed-sql.ts";
import type { Vocabulary } from "./vocabulary.ts";

type AttributeField = Extract<Field, { type: "attribute" }>;

/** What a span has several of, and what one of them is called in a condition. */
const memberOf = { events: "event_member", links: "link_member" } as const;
type MemberList = keyof typeof memberOf;

/** What the columns of the contract's types hold. */
const typeOfColumn = { int: "int", double: "double", string: "string", boolean: "bool" } as const;

/**
 * The spans that one SELECT reads, under the alias `s`, and the tables that the fields of its
 * expressions need beside them. Ask `from` last.
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

  get from(): string {
    const resources =
      this.#resourceValues.length === 0
        ? []
        : [
            `LEFT JOIN (SELECT id, ${this.#resourceValues.join(", ")} FROM resources) r ON r.id = s.resource_id`,
          ];
    return [this.#start, ...resources, ...this.#joins.values()].join(" ");
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
      return `(len(list_filter(${all}, ${memberOf[list]} -> ${inner})) > 0)`;
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

  #types(...[scope, key]: Parameters<Vocabulary["typesOf"]>) {
    return this.#vocabulary.typesOf(scope, key);
  }

  #ofMembers(list: MemberList, key: string, types: ReadonlySet<Value["type"]>): ValueSql {
    if (this.#members === null) {
      return jsonValuesOfMany(`s.${list}`, ["attributes", key], types);
    }
    this.#members.add(list);
    return jsonValues(`json_extract(${memberOf[list]}, '/attributes')`, key, types, null);
  }

  #ofSpan(key: string): ValueSql {
    const types = this.#types("span", key);
    const columns = this.#vocabulary.columnsOf(key);
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
    return single(type, sql(memberOf[list]));
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
