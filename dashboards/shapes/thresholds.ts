import { ThresholdsConfigBuilder, ThresholdsMode } from "@grafana/grafana-foundation-sdk/dashboard";

/** From which value on a number has which colour. */
export interface Step {
  readonly from: number;
  readonly colour: string;
}

/** Below the first step, what is coloured is `green`, or `text` without any. */
export function absoluteSteps(steps: readonly Step[]): ThresholdsConfigBuilder {
  const lowest = { value: null, color: steps.length > 0 ? "green" : "text" };
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([lowest, ...steps.map(({ from, colour }) => ({ value: from, color: colour }))]);
}
