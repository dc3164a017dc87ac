import { type Check, type CheckGroup, fine, orFine, skipped } from "../check.ts";
import { clockDifference } from "../store/clocks.ts";
import { isHad, type Subject } from "../subject.ts";
import { datasourcesCheck } from "./datasources.ts";
import { objectsCheck } from "./objects.ts";
import { makePlans, type Plans } from "./plans.ts";

/** A Grafana that is named: it lets us in, and has what is generated. */
export function grafanaGroup(subject: Subject, url: string): CheckGroup {
  const title = "Grafana";
  const { services, options } = subject;
  if (!isHad(services)) {
    const why = "What it should have is made of the configuration.";
    const look = () => skipped("without a configuration there is nothing to compare.");
    return { title, checks: [{ name: title, why, look }] };
  }
  let making: Promise<Plans> | undefined;
  const plans = () => {
    making ??= makePlans({ services, options, url });
    return making;
  };
  const ifLetIn = (check: Check): Check => ({
    ...check,
    // Why not is said once, by the first check.
    look: () =>
      plans().then(
        () => check.look(),
        () => skipped("Grafana could not be asked."),
      ),
  });
  return {
    title,
    checks: [
      accessCheck(plans),
      ifLetIn(objectsCheck(plans, url)),
      ifLetIn(datasourcesCheck(plans, options)),
      ifLetIn(clockCheck(url)),
    ],
  };
}

function accessCheck(plans: () => Promise<Plans>): Check {
  return {
    name: "Access",
    why: "Dashboards and alerts are compared over its API, with the rights of the account.",
    look: async () => {
      const { url, version = "of a version that it does not tell" } = (await plans()).grafana;
      return fine(`Grafana ${version} at ${url} lets the account in.`);
    },
  };
}

function clockCheck(url: string): Check {
  return {
    name: "Clock",
    why: "Alerts look at times by Grafana's clock.",
    look: async () => {
      const asked = { tempoUrl: `${url.replace(/\/+$/, "")}/api/health`, authorization: undefined };
      return orFine(await clockDifference("Grafana", asked), "the same as this machine's.");
    },
  };
}
