import type { attributes } from "../attributes.ts";
import type { Contract } from "../define/contract.ts";
import type { logEvents } from "../log-events.ts";
import type { QueriesOn } from "../queries/index.ts";
import type { resource } from "../resource.ts";
import type { spans } from "../spans.ts";

/** The words of this contract: its identifiers and types, whatever the names on the wire. */
export type Terms = Contract<typeof attributes, typeof spans, typeof logEvents, typeof resource>;

export type MiniserveQueries = QueriesOn<Terms>;
