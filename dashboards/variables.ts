import {
  CustomVariableBuilder,
  TextBoxVariableBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { type Board, chosenIdentifiers, traceVariable } from "./board.ts";

export type VariableBuilder = CustomVariableBuilder | TextBoxVariableBuilder;

/**
 * What is looked at: one build, one environment, or all. Custom variables, not queries for values: those
 * fail until the first span came. A value that is not listed can be typed in.
 */
export function chosenVariables({ contract }: Board): VariableBuilder[] {
  const { attributes, defaults } = contract.resource;
  return chosenIdentifiers(contract).map((identifier) => {
    const { key = identifier, meaning = "", values } = attributes[identifier] ?? {};
    const listed = values?.map(String) ?? [defaults[identifier] ?? []].flat();
    return new CustomVariableBuilder(identifier)
      .label(key)
      .description(`${meaning} Type in a value that is not listed.`)
      .values(listed.join(","))
      .options(listed.map((value) => ({ text: value, value, selected: false })))
      .multi(false)
      .includeAll(true)
      .allValue(".*")
      .allowCustomValue(true)
      .current({ selected: true, text: "All", value: "$__all" });
  });
}

/** The values without which a saved query says nothing. */
export function parameterVariables(board: Board): VariableBuilder[] {
  const { savedQueries, requiredParameters } = board;
  return requiredParameters.map((name) => {
    const parameter = savedQueries.find(({ parameters }) => name in parameters)?.parameters[name];
    return textBox(name, name, parameter?.meaning ?? "");
  });
}

export function traceIdVariable(): VariableBuilder {
  return textBox(traceVariable, "Trace id", "Comes with the link from a table; or paste one.");
}

function textBox(name: string, label: string, description: string): VariableBuilder {
  return new TextBoxVariableBuilder(name)
    .label(label)
    .description(description)
    .defaultValue("")
    .current({ selected: true, text: "", value: "" })
    .options([{ selected: true, text: "", value: "" }]);
}
