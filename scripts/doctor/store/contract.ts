import { checkTraces, counted, type Service, shortText, type ViolationGroup } from "#contract";
import { type Check, fine, type Seen } from "../check.ts";
import { Finding } from "../finding.ts";
import type { AskedStore } from "../subject.ts";
import { isSeen, type ServiceSample } from "./samples.ts";

/** Whether the services of the configuration keep their contracts. */
export function contractCheck(
  { option }: AskedStore,
  samples: () => Promise<readonly ServiceSample[]>,
  services: readonly Service[],
): Check {
  return {
    name: "Contract",
    why: "A panel or query asks for what the contract says; what is sent under another name is not found.",
    look: async () => {
      const read = (await samples()).filter(isSeen);
      return services.flatMap((service) => {
        const sample = read.find((one) => one.service === service.name);
        return sample === undefined ? [] : [judge(service, sample, option)];
      });
    },
  };
}

function judge({ contract, name }: Service, { traces }: ServiceSample, option: string): Seen {
  const {
    violations,
    newNames,
    brokenTraces,
    traces: judged,
  } = checkTraces(contract, traces, Date.now());
  // That parents are missing is a check of its own.
  const broken = violations.filter(({ rule }) => rule !== "orphan");
  const [first] = [...broken, ...newNames];
  if (first === undefined) {
    return fine(`${name} keeps it, judged by ${counted(judged, "trace")}.`);
  }
  return new Finding("contract_broken", {
    service: name,
    count: brokenTraces,
    all: judged,
    example: `${first.newest.traceId}${option}`,
    choice: `--service ${name}${option}`,
    details: [
      ...broken.map(violationInWords),
      ...newNames.map((one) => `${one.kind} ${shortText(one.name)} is in no contract`),
    ],
  });
}

function violationInWords({ rule, spanName, subject }: ViolationGroup): string {
  return `${rule} of ${shortText(spanName)}${subject === null ? "" : `: ${shortText(subject)}`}`;
}
