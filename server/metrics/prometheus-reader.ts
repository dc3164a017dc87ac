import { MetricReader, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { MetricDefinition } from "#contract";
import { prometheusText } from "./prometheus-text.ts";

/** Reads the metrics when Prometheus asks for them. */
export class PrometheusReader extends MetricReader {
  readonly #declared: readonly MetricDefinition[];

  constructor(declared: readonly MetricDefinition[]) {
    super();
    this.#declared = declared;
  }

  async text(): Promise<string> {
    const { resourceMetrics } = await this.collect();
    return prometheusText(this.#declared, resourceMetrics satisfies ResourceMetrics);
  }

  protected override async onShutdown(): Promise<void> {}

  protected override async onForceFlush(): Promise<void> {}
}
