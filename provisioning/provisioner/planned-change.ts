import type { Difference } from "./differences.ts";

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
    | { readonly action: "refuse"; readonly reason: string }
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
