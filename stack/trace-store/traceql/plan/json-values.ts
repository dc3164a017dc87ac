import type { Value } from "#contract";
import { pointerSql } from "./sql-text.ts";
import { type SqlType, single, type TypedSql, type ValueSql } from "./typed-sql.ts";

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
export function jsonValues(
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
      values.push(single(form.type, guarded(whenOf(form, json))));
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
    ...forms.map((form) => single(form.type, whenOf(form, scalar))),
    ...forms.map((form) => listOf(elements, form)),
    single("array", `CASE WHEN ${isWhole} THEN CAST(${json} AS VARCHAR) END`),
  ];
}

/** One attribute of all events or links of a span: a list for each type that it may have. */
export function jsonValuesOfMany(
  list: string,
  path: readonly string[],
  types: ReadonlySet<ValueType>,
): ValueSql {
  const members = `json_extract(CAST(${list} AS JSON), '$[*]')`;
  const values = `list_transform(${members}, member -> json_extract(member, ${pointerSql(...path)}))`;
  if (types.has("array")) {
    const elements = `CASE WHEN json_type(one) = 'ARRAY' THEN CAST(one AS JSON[]) ELSE [one] END`;
    const all = `flatten(list_transform(${values}, one -> ${elements}))`;
    return forms.map((form) => listOf(all, form));
  }
  return forms
    .filter((form) => [...types].some((type) => scalarFormOf(type) === form))
    .map((form) => listOf(values, form));
}

function listOf(elements: string, form: JsonForm): TypedSql {
  const sql = `list_transform(${elements}, element -> ${whenOf(form, "element")})`;
  return { type: form.type, sql, isList: true };
}

function whenOf(form: JsonForm, json: string): string {
  const names = form.jsonTypes.map((name) => `'${name}'`).join(", ");
  return `CASE WHEN json_type(${json}) IN (${names}) THEN ${form.read(json)} END`;
}

function scalarFormOf(type: ValueType): JsonForm | undefined {
  return type in scalarForms ? scalarForms[type as keyof typeof scalarForms] : undefined;
}
