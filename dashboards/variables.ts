import {
  CustomVariableBuilder,
  TextBoxVariableBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import {
  allPattern,
  chosenIdentifiers,
  type DashboardContext,
  noTraceText,
  traceVariable,
} from "./context.ts";

export type VariableBuilder = CustomVariableBuilder | TextBoxVariableBuilder;

/**
 * What is looked at: one build, one environment, or all. Custom variables, not queries for values: those
 * fail until the first span came. A value that is not listed can be typed in.
 */
export function chosenVariables({ contract }: DashboardContext): VariableBuilder[] {
  const { attributes, defaults } = contract.resource;
  return chosenIdentifiers(contract).map((identifier) => {
    const { key = identifier, brief = "", values } = attributes[identifier] ?? {};
    const listed = values?.map(String) ?? [defaults[identifier] ?? []].flat();
    return new CustomVariableBuilder(identifier)
      .label(key)
      .description(`${brief} Type in a value that is not listed.`)
      .values(listed.join(","))
      .options(listed.map((value) => ({ text: value, value, selected: false })))
      .multi(false)
      .includeAll(true)
      .allValue(allPattern)
      .allowCustomValue(true)
      .current({ selected: true, text: "All", value: "$__all" });
  });
}

/** The values without which a saved query says nothing. */
export function parameterVariables(board: DashboardContext): VariableBuilder[] {
  const { savedQueries, requiredParameters } = board;
  return requiredParameters.map((name) => {
    const parameter = savedQueries.find(({ parameters }) => name in parameters)?.parameters[name];
    return new TextBoxVariableBuilder(name)
      .label(name)
      .description(parameter?.brief ?? "")
      .defaultValue("")
      .current({ selected: true, text: "", value: "" })
      .options([{ selected: true, text: "", value: "" }]);
  });
}

/**
 * The trace that is looked at. No text box: an empty one would ask Tempo for a trace without an id, which
 * is an error. Until one is chosen it stands for a search that finds nothing.
 */
export function traceIdVariable(): VariableBuilder {
  const none = { text: noTraceText, value: "{ false }" };
  return new CustomVariableBuilder(traceVariable)
    .label("Trace id")
    .description("Comes with the link from a table; or type one in.")
    .values(`${none.text} : ${none.value}`)
    .options([{ ...none, selected: true }])
    .multi(false)
    .includeAll(false)
    .allowCustomValue(true)
    .current({ selected: true, ...none });
}
