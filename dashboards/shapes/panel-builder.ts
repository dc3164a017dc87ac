import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";

/** A panel that its caller sizes. A page is 24 wide; 8 high is a third of a screen. */
export interface PanelBuilder {
  span(width: number): this;
  height(height: number): this;
  build(): Panel;
}

/** What every panel says about itself. */
export interface PanelTexts {
  readonly title: string;
  /** What it shows, what a high value means, and what to do. */
  readonly description: string;
  /** What stands there when nothing was found. */
  readonly whenEmpty: string;
}
