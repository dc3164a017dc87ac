/** Where something is not as it is wanted. */
export interface Difference {
  readonly path: string;
  readonly present: unknown;
  readonly wanted: unknown;
}

/**
 * Where the present value is not as wanted. What is there besides is left out of it: Grafana adds
 * fields of its own to what it stores, and leaves out what is empty.
 */
export function differences(present: unknown, wanted: unknown, path = ""): Difference[] {
  if (Array.isArray(wanted)) {
    return compareLists(present, wanted, path);
  }
  if (isRecord(wanted)) {
    if (!isRecord(present)) {
      return isEmpty(present) && isEmpty(wanted) ? [] : [{ path, present, wanted }];
    }
    return Object.entries(wanted).flatMap(([key, value]) =>
      differences(present[key], value, path === "" ? key : `${path}.${key}`),
    );
  }
  return present === wanted || (isEmpty(present) && isEmpty(wanted))
    ? []
    : [{ path, present, wanted }];
}

function compareLists(present: unknown, wanted: readonly unknown[], path: string) {
  if (!Array.isArray(present)) {
    return isEmpty(present) && wanted.length === 0 ? [] : [{ path, present, wanted }];
  }
  if (present.length !== wanted.length) {
    return [{ path, present: counted(present), wanted: counted(wanted) }];
  }
  return wanted.flatMap((item, index) =>
    differences(present[index], item, `${path}[${findName(item) ?? index}]`),
  );
}

const counted = ({ length }: readonly unknown[]) => `${length} ${length === 1 ? "item" : "items"}`;

/** What a person knows an item by. */
function findName(item: unknown): string | undefined {
  const names = isRecord(item) ? [item.title, item.name, item.refId, item.id] : [];
  const name = names.find((candidate) => typeof candidate === "string" && candidate !== "");
  return name === undefined ? undefined : JSON.stringify(name);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === "" ||
    value === false ||
    (Array.isArray(value) && value.length === 0) ||
    (isRecord(value) && Object.keys(value).length === 0)
  );
}

export type ObjectKind = "folder" | "datasource" | "dashboard" | "alert rule" | "saved query";

/** Something that Grafana is to have, or is to have no longer. */
export interface ProvisionedObject {
  /** Compares with what Grafana has now. Changes nothing. @throws ProvisioningError. */
  readonly look: () => Promise<PlannedChange>;
}

interface Described {
  readonly kind: ObjectKind;
  /** What it is known by: a uid, or the id of a saved query. */
  readonly id: string;
  readonly title: string;
}

/** What is to be done about an object. */
export type PlannedChange = Described &
  (
    | { readonly action: "keep" }
    /** Somebody else's, so that nothing at all may be changed until a person has decided. */
    | {
        readonly action: "refuse";
        readonly reason: string;
        /** Of what Grafana reads from a file: where that is known, how it is not as generated. */
        readonly file?: { readonly differences: readonly Difference[] };
      }
    /** It has our mark and is wanted no longer: it stays, and why. */
    | { readonly action: "leave"; readonly reason: string }
    | {
        readonly action: "create" | "update" | "delete";
        /** For what is made: what to do where something that is not seen has its name. */
        readonly whereTaken?: string;
        /** For an update: why. */
        readonly differences: readonly Difference[];
        /** @throws ProvisioningError. */
        readonly apply: () => Promise<void>;
      }
  );
