import { type ContractCheck, checkTraces, type Service } from "#contract";
import { listServices } from "../../stack/index.ts";
import { findGoneNames, type GoneName } from "./gone-names.ts";
import { completed, readSample, type SampleRequest } from "./read-sample.ts";

/** What recent traces say of a service's contract. */
export interface ServiceCheck extends ContractCheck {
  readonly service: string;
  /** `no_traces`: there was none to judge, so that nobody knows. */
  readonly result: "kept" | "broken" | "no_traces";
  readonly goneNames: readonly GoneName[];
  /** Without any trace: who sent some in that time. */
  readonly otherServices: readonly string[];
}

/**
 * Judges a sample of a service's recent traces.
 * @param isPatient whether what may not be complete yet is waited for, instead of being left out.
 * @throws StackError `store_unreachable` or `query_refused`.
 */
export async function checkService(
  service: Service,
  request: SampleRequest,
  { isPatient }: { readonly isPatient: boolean },
): Promise<ServiceCheck> {
  const { contract, name } = service;
  const read = await readSample(service, request);
  const traces = isPatient ? await completed(contract, read, request.store) : read;
  const check = checkTraces(contract, traces, Date.now());
  const isBroken = check.violations.length + check.newNames.length > 0;
  const hasTraces = check.traces > 0;
  return {
    ...check,
    service: name,
    result: hasTraces ? (isBroken ? "broken" : "kept") : "no_traces",
    goneNames: hasTraces ? await findGoneNames(service, check, request) : [],
    otherServices: traces.length > 0 ? [] : await listOthers(request),
  };
}

async function listOthers({ store, sinceMs }: SampleRequest): Promise<string[]> {
  const { tempoUrl, authorization } = store;
  const end = Math.ceil(Date.now() / 1000) + 1;
  const start = end - Math.ceil(sinceMs / 1000);
  return await listServices(tempoUrl, { start, end, authorization });
}
