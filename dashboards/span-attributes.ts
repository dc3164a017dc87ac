import { type DashboardContext, isInEveryRequest } from "./context.ts";
import { dashboardFile } from "./dashboard.ts";
import * as attributes from "./panels/attributes.ts";
import { chosenVariables } from "./variables.ts";

/** A row for each span of the contract, in it a panel for each of its attributes. */
export function spanAttributes(board: DashboardContext) {
  return dashboardFile(board, {
    name: "span-attributes",
    brief: "Every attribute of every span, each in the form that suits what it is.",
    refresh: "",
    variables: chosenVariables(board),
    rows: Object.values(board.contract.spans).map((span) => ({
      title: span.name,
      isFolded: !isInEveryRequest(board.contract, span),
      panels: [
        attributes.spanRateTimeseries(board, span),
        attributes.spanDurationTimeseries(board, span),
        ...Object.entries(span.attributes)
          .filter(([, attribute]) => !attributes.isConstant(attribute))
          .map(([identifier, attribute]) =>
            attributes.attributePanel(board, { span, identifier, attribute }),
          ),
      ].map((panel) => panel.span(8).height(8)),
    })),
  });
}
