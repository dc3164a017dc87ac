import { changedSettings } from "../../../stack/index.ts";
import type { CheckGroup } from "../check.ts";
import { isHad, type Subject } from "../subject.ts";
import { deliveryCheck } from "./delivery.ts";
import { exporterCheck } from "./exporter.ts";
import { modelCheck } from "./model.ts";
import { partsCheck, startedWithCheck } from "./parts.ts";
import { portsCheck } from "./ports.ts";

/** The stack that runs, or whether one could be started. */
export function stackGroup({ config, health, hasServer }: Subject): CheckGroup {
  if (!isHad(config) || health === undefined) {
    return { title: "The stack", checks: [] };
  }
  const { state } = health;
  return state === null
    ? {
        title: "The stack, before it starts",
        checks: [
          partsCheck(health),
          portsCheck(config, hasServer),
          ...(hasServer ? [modelCheck] : []),
        ],
      }
    : {
        title: "The stack",
        checks: [partsCheck(health), startedWithCheck(changedSettings(state, config.settings))],
      };
}

/** How spans leave, up to who takes them. A group behind the ports, which it tries to listen on. */
export function exportGroup(subject: Subject): CheckGroup {
  const { config, health } = subject;
  const serverUrl = health?.state?.serverUrl ?? null;
  return {
    title: "The way of the spans",
    checks: [
      exporterCheck(subject),
      ...(serverUrl === null || !isHad(config) ? [] : [deliveryCheck(serverUrl, config.apiKey)]),
    ],
  };
}
