import { LogsSortOrder } from "@grafana/grafana-foundation-sdk/common";
import { PanelBuilder as AnyPanelBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as LogsBuilder } from "@grafana/grafana-foundation-sdk/logs";
import { DataqueryBuilder as LokiQueryBuilder } from "@grafana/grafana-foundation-sdk/loki";
import { datasourceUids, type SpanDefinition } from "#contract";
import { type DashboardContext, traceVariable } from "../context.ts";
import { ownColumns } from "../shapes/span-columns.ts";
import { spanTable } from "../shapes/span-table.ts";
import { tempo, traceTarget } from "../shapes/target.ts";
import { listIdentifiers } from "./stages.ts";

/** From those around it to the one that is looked at. */
export function newestRequestTable(board: DashboardContext) {
  const { contract, query, roots } = board;
  const requests = query.spans(listIdentifiers(roots));
  const outcome = contract.outcomes?.attribute;
  return spanTable(board, {
    title: "Newest requests",
    description: "The newest of the time range. A click on one shows it here.",
    whenEmpty: "No request in this time range",
    query: requests.select(outcome ?? query.span.status).with({ mostRecent: true }),
    without: [
      ...ownColumns.spanId,
      ...Object.values(contract.resource.attributes).map(({ key }) => key),
    ],
  });
}

/** The SDK has no builder of its own for this panel. */
export function traceView() {
  return new AnyPanelBuilder()
    .type("traces")
    .title(`Trace: \${${traceVariable}:text}`)
    .description(
      "Every span of the trace, also of other services. Look for the longest bar, for gaps between bars, which are waiting, and for red marks, which are errors.",
    )
    .datasource(tempo)
    .withTarget(traceTarget({ text: `\${${traceVariable}}` }));
}

/** What a stage of the request says about itself, with every attribute that it may have. */
export function stageAttributesTable(board: DashboardContext, span: SpanDefinition) {
  const [first, ...others] = Object.keys(span.attributes);
  const found = board.oneTrace.spans(span.identifier);
  return spanTable(board, {
    title: span.name,
    description: span.brief,
    whenEmpty: `No ${span.name} in the trace above`,
    query: first === undefined ? found : found.select(first, ...others),
    isLinked: false,
    without: ownColumns.spanId,
  });
}

/** In Loki the lines have the ids of trace and span beside them. */
export function logLineList({ contract, service }: DashboardContext) {
  const loki = { type: "loki", uid: datasourceUids.loki };
  const { attributes, serviceName } = contract.resource;
  const label = attributes[serviceName]?.key.replaceAll(".", "_");
  const expression = `{${label}="${service}"} | trace_id="\${${traceVariable}}"`;
  return new LogsBuilder()
    .title("Log lines")
    .description(
      "The lines that were written during the request, oldest first. They come from Loki: without it, as in the embedded stack, npm run stack:logs has them by the same trace id.",
    )
    .noValue("No line was written during it, or no request is chosen")
    .datasource(loki)
    .withTarget(
      new LokiQueryBuilder().refId("A").datasource(loki).queryType("range").expr(expression),
    )
    .showTime(true)
    .wrapLogMessage(true)
    .enableLogDetails(true)
    .sortOrder(LogsSortOrder.Ascending);
}
