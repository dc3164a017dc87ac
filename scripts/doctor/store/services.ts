import { changesAllowed, getServiceName, nearestTo, type Service } from "#contract";
import { miniserve } from "#miniserve";
import { StackError } from "../../../stack/index.ts";
import { type Check, fine, type Seen, skipped } from "../check.ts";
import { Finding } from "../finding.ts";
import { formatSeconds } from "../sizes.ts";
import type { AskedStore } from "../subject.ts";
import { isSeen, newestEndMs, type ServiceSample, spansOf } from "./samples.ts";

interface ServicesRequest {
  readonly samples: () => Promise<readonly ServiceSample[]>;
  readonly configured: readonly Service[];
  readonly since: string;
  /** Where spans are taken, in words. */
  readonly receiver: string;
  /** Whether the server of this project may have sent any. */
  readonly hasServer: boolean;
  readonly store: AskedStore;
}

/** Who sent spans, and when last. */
export function servicesCheck(request: ServicesRequest): Check {
  return {
    name: "Services",
    why: "Dashboards, saved queries and alerts of a service that sends nothing are empty, and look as if all were well.",
    look: async () => {
      const samples = await request.samples();
      const seen = samples.filter(isSeen);
      if (seen.length === 0) {
        return new Finding("no_spans", { since: request.since, address: request.receiver });
      }
      const missing = request.configured.filter(
        ({ name }) => !seen.some(({ service }) => service === name),
      );
      return [
        ...seen.map(ageOf),
        ...missing.map((service) =>
          notSeen(
            service,
            seen.map((one) => one.service),
            request,
          ),
        ),
      ];
    },
  };
}

function ageOf({ service, traces }: ServiceSample): Seen {
  const newest = newestEndMs(traces.flatMap((trace) => spansOf(service, trace)));
  const age = formatSeconds(Math.max(0, (Date.now() - newest) / 1000));
  return fine(`${service} sent its last span ${age} ago.`);
}

function notSeen(
  { name }: Service,
  others: readonly string[],
  { hasServer, since, store }: ServicesRequest,
): Seen {
  if (name === getServiceName(miniserve) && !hasServer) {
    return skipped(`the stack runs without ${name}.`);
  }
  const nearest = nearestTo(name, others, changesAllowed(name));
  const mean = nearest === undefined ? "" : ` Is it ${nearest}? OTEL_SERVICE_NAME names it.`;
  return new StackError("service_not_seen", {
    service: name,
    since,
    advice: `Others sent some: ${others.join(", ")}.${mean} npm run contract:check -- --service ${name}${store.option} looks again.`,
  });
}
