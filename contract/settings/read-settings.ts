import { z } from "zod";

/** An environment variable. */
export interface Setting {
  readonly schema: z.ZodType;
  /** As a user would write it. */
  readonly default: string;
  /** What the schema accepts, to be read after "it takes". */
  readonly takes: string;
  readonly brief: string;
  /** Whether an empty variable is its own value instead of the default. */
  readonly isEmptyAllowed?: true;
}

export type SettingTable = Readonly<Record<string, Setting>>;

export type SettingValues<Table extends SettingTable> = {
  readonly [Name in keyof Table]: z.output<Table[Name]["schema"]>;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** An invalid variable. Its value may be a secret that was meant for another variable. */
export interface SettingFault {
  readonly variable: string;
  readonly takes: string;
  readonly given: string;
  readonly default: string;
}

interface SettingsRead<Table extends SettingTable> {
  readonly values: SettingValues<Table>;
  /** What each value was read from, with the default where nothing is set. */
  readonly texts: Readonly<Record<string, string>>;
  readonly faults: readonly SettingFault[];
}

/**
 * Reads every setting of a table, with all faults. Spaces around a value are ignored, and an empty
 * variable counts as unset. The default replaces an invalid value.
 */
export function readSettings<Table extends SettingTable>(
  table: Table,
  environment: Environment,
): SettingsRead<Table> {
  const faults: SettingFault[] = [];
  const texts: Record<string, string> = {};
  const values = Object.entries(table).map(([variable, setting]) => {
    const given = readSettingText(setting, environment[variable]);
    texts[variable] = given;
    const parsed = setting.schema.safeParse(given);
    if (parsed.success) {
      return [variable, parsed.data];
    }
    faults.push({ variable, takes: setting.takes, given, default: setting.default });
    return [variable, setting.schema.parse(setting.default)];
  });
  return { values: Object.fromEntries(values) as SettingValues<Table>, texts, faults };
}

/** A variable that no table has; undefined where it is empty or unset. */
export function readVariable(environment: Environment, variable: string): string | undefined {
  return environment[variable]?.trim() || undefined;
}

function readSettingText(setting: Setting, given: string | undefined): string {
  const text = given?.trim();
  const isUnset = text === undefined || (text === "" && setting.isEmptyAllowed !== true);
  return isUnset ? setting.default : text;
}

/** Digits only: JavaScript would also read a blank as 0, and 0x50 as 80. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER) {
  return z
    .string()
    .regex(/^[0-9]+$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max));
}

/** @param least 0 if any free port is fine. */
export function port(least: 0 | 1) {
  return wholeNumber(least, 65_535);
}

/** `off` is 0, `every:N` is N. */
export const stepSample = z
  .string()
  .regex(/^(off|every:[1-9][0-9]{0,8})$/)
  .transform((text) => Number(text.split(":")[1] ?? 0));

/** Items between commas. An invalid item is a fault, because it would silently never match. */
export function createListSchema(isOne: (item: string) => boolean) {
  return z
    .string()
    .transform((text) =>
      text
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== ""),
    )
    .pipe(z.array(z.string().refine(isOne)));
}

/** A name or address as in a Host header, without the port; Compose has names with `_`. */
export function isHostName(item: string): boolean {
  const address = item.replace(/^\[(.*)\]$/, "$1");
  return /^[0-9a-z._-]+$/i.test(item) || z.ipv6().safeParse(address).success;
}

/** As browsers send it: no path and no default port. */
export function isOrigin(item: string): boolean {
  return URL.canParse(item) && new URL(item).origin === item;
}

export const flag = z
  .enum(["0", "1", "true", "false"])
  .transform((word) => word === "1" || word === "true");

export const onOff = z.enum(["on", "off"]).transform((word) => word === "on");
