import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
  VizOrientation,
  VizTextDisplayOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import { TypeReduceBuilder } from "@grafana/grafana-foundation-sdk/expr";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import type { Link } from "./link.ts";
import type { PanelTexts } from "./panel-builder.ts";
import { instantTarget, type TraceqlText, tempo } from "./target.ts";
import { absoluteSteps } from "./thresholds.ts";

/** A question that is answered with one number, or with none where there is nothing. */
export interface Finding {
  readonly name: string;
  readonly query: TraceqlText;
  readonly links: readonly Link[];
}

interface FindingList extends PanelTexts {
  readonly findings: readonly Finding[];
  readonly colour: string;
}

const textPx = { titleSize: 13, valueSize: 15 };
/** As Grafana draws them: a line, what is above the lines of a panel, and a row of the grid. */
const drawnPx = { line: 22, header: 42, gridRow: 38 };

/** How many rows of the grid a list takes when it has all its lines. Fewer have more room between them. */
export function computeFindingsHeight(count: number): number {
  return Math.ceil((count * drawnPx.line + drawnPx.header) / drawnPx.gridRow);
}

/**
 * A line for each question that something was found for, in the order of the questions. All that the
 * datasource counts has one name, so each count is reduced once more by an expression, which has its own.
 */
export function findingList(shape: FindingList): StatBuilder {
  const { title, description, whenEmpty, findings, colour } = shape;
  const panel = new StatBuilder()
    .title(title)
    .description(description)
    .noValue(whenEmpty)
    .datasource(tempo)
    .targets(findings.flatMap(createTargets))
    .reduceOptions(new ReduceDataOptionsBuilder().values(false).calcs(["lastNotNull"]).fields(""))
    .unit("locale")
    .decimals(0)
    .thresholds(absoluteSteps([{ from: 1, colour }]))
    .orientation(VizOrientation.Horizontal)
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .textMode(BigValueTextMode.ValueAndName)
    .wideLayout(true)
    .text(
      new VizTextDisplayOptionsBuilder().titleSize(textPx.titleSize).valueSize(textPx.valueSize),
    );
  return findings.reduce(
    (named, { name, links }) =>
      named.overrideByName(name, [
        { id: "displayName", value: name },
        { id: "links", value: links },
      ]),
    panel,
  );
}

const expressions = { type: "__expr__", uid: "__expr__" } as const;

function createTargets({ name, query }: Finding, index: number) {
  const counted = `count${index + 1}`;
  return [
    instantTarget(query).refId(counted).hide(true),
    new TypeReduceBuilder().refId(name).datasource(expressions).expression(counted).reducer("sum"),
  ];
}
