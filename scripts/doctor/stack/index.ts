import { changedSettings } from "../../../stack/index.ts";
import type { CheckGroup } from "../check.ts";
import { isHad, type Subject } from "../subject.ts";
import { deliveryCheck } from "./delivery.ts";
import { exporterCheck } from "./exporter.ts";
import { modelCheck } from "./model.ts";
import { partsCheck, startedWithCheck } from "./parts.ts";
import { portsCheck } from "./ports.ts";

/** The stack that runs, or whether one could be started. */
export function stackGroup(subject: Subject): CheckGroup {
  const { config, health, hasServer } = subject;
  if (!isHad(config) || health === undefined) {
    return { title: "The stack", checks: [exporterCheck(subject)] };
  }
  const { state } = health;
  const beforeStart = [portsCheck(config, hasServer), ...(hasServer ? [modelCheck] : [])];
  const running =
    state === null
      ? []
      : [
          startedWithCheck(changedSettings(state, config.settings)),
          ...(state.serverUrl === null ? [] : [deliveryCheck(state.serverUrl, config.apiKey)]),
        ];
  return {
    title: state === null ? "The stack, before it starts" : "The stack",
    checks: [
      partsCheck(health),
      ...(state === null ? beforeStart : running),
      exporterCheck(subject),
    ],
  };
}
