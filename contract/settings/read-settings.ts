import type { z } from "zod";

/** An environment variable. */
export interface Setting {
  readonly schema: z.ZodType;
  /** As a user would write it. */
  readonly default: string;
  /** What the schema accepts, to be read after "it takes". */
  readonly takes: string;
  readonly meaning: string;
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

/**
 * Reads every setting of a table, with all faults. Spaces around a value are ignored, and an empty
 * variable counts as unset. The default replaces an invalid value.
 */
export function readSettings<Table extends SettingTable>(
  table: Table,
  environment: Environment,
): { readonly values: SettingValues<Table>; readonly faults: readonly SettingFault[] } {
  const faults: SettingFault[] = [];
  const values = Object.entries(table).map(([variable, setting]) => {
    const given = textOf(setting, environment[variable]);
    const parsed = setting.schema.safeParse(given);
    if (parsed.success) {
      return [variable, parsed.data];
    }
    faults.push({ variable, takes: setting.takes, given, default: setting.default });
    return [variable, setting.schema.parse(setting.default)];
  });
  return { values: Object.fromEntries(values) as SettingValues<Table>, faults };
}

function textOf(setting: Setting, given: string | undefined): string {
  const text = given?.trim();
  const isUnset = text === undefined || (text === "" && setting.isEmptyAllowed !== true);
  return isUnset ? setting.default : text;
}
