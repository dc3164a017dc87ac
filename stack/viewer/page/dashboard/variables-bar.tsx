import { useState } from "preact/hooks";
import type { VariableValue } from "../../data/interpolation.ts";
import { allOption, type Variable, type VariableOption } from "../../data/variables.ts";
import { Icon } from "../shell/icon.tsx";
import { Popover } from "../shell/popover.tsx";

interface VariablesBarProps {
  readonly variables: readonly Variable[];
  readonly values: ReadonlyMap<string, VariableValue>;
  readonly onChange: (name: string, values: readonly string[]) => void;
}

export function VariablesBar({ variables, values, onChange }: VariablesBarProps) {
  return (
    <div class="variables">
      {variables
        .filter(({ isHidden }) => !isHidden)
        .map((variable) => {
          const value = values.get(variable.name);
          const props = {
            variable,
            value,
            onChange: (chosen: readonly string[]) => onChange(variable.name, chosen),
          };
          return (
            <div class="variable" key={variable.name} title={variable.description}>
              {variable.kind === "custom" && <CustomVariable {...props} />}
              {variable.kind === "textbox" && <TextVariable {...props} />}
              {variable.kind === "unsupported" && (
                <span class="variable-label">
                  {variable.label}: variables of the type {variable.type} keep their value here
                </span>
              )}
            </div>
          );
        })}
    </div>
  );
}

interface VariableProps {
  readonly variable: Variable;
  readonly value: VariableValue | undefined;
  readonly onChange: (values: readonly string[]) => void;
}

function TextVariable({ variable, value, onChange }: VariableProps) {
  return (
    <label class="variable-field">
      <span class="variable-label">{variable.label}</span>
      <input
        class="variable-text"
        value={value?.values[0] ?? ""}
        spellcheck={false}
        onChange={(event) => onChange([event.currentTarget.value.trim()])}
      />
    </label>
  );
}

function CustomVariable({ variable, value, onChange }: VariableProps) {
  return (
    <div class="variable-field">
      <span class="variable-label">{variable.label}</span>
      <Popover
        label={`${variable.label}: ${value?.text ?? ""}. Change it`}
        button={
          <>
            <span>{value?.text || "–"}</span>
            <Icon name="chevron" />
          </>
        }
      >
        {(close) => (
          <VariableChoice
            variable={variable}
            chosen={value?.isAll === true ? [allOption.value] : (value?.values ?? [])}
            onChange={(chosen) => {
              onChange(chosen);
              if (!variable.isMulti) {
                close();
              }
            }}
          />
        )}
      </Popover>
    </div>
  );
}

interface VariableChoiceProps {
  readonly variable: Variable;
  readonly chosen: readonly string[];
  readonly onChange: (values: readonly string[]) => void;
}

function VariableChoice({ variable, chosen, onChange }: VariableChoiceProps) {
  const [typed, setTyped] = useState("");
  const listed = variable.options.filter(({ text }) =>
    text.toLowerCase().includes(typed.trim().toLowerCase()),
  );
  const others = chosen
    .filter((value) => !variable.options.some((option) => option.value === value))
    .map((value) => ({ text: value, value }));
  const choose = ({ value }: VariableOption) => {
    if (!variable.isMulti || value === allOption.value) {
      onChange([value]);
      return;
    }
    const without = chosen.filter((one) => one !== value && one !== allOption.value);
    onChange(chosen.includes(value) && without.length > 0 ? without : [...without, value]);
  };
  return (
    <div class="variable-choice">
      {variable.takesOthers && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const value = typed.trim();
            if (value !== "") {
              choose(
                listed.length === 1 && listed[0] !== undefined ? listed[0] : { text: value, value },
              );
            }
          }}
        >
          <input
            aria-label={`A value for ${variable.label}`}
            placeholder="Find, or type a value"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </form>
      )}
      <ul class="choice-list" aria-label={variable.label}>
        {[...others, ...listed].map((option) => (
          <li key={option.value}>
            <button
              type="button"
              class="choice"
              aria-pressed={chosen.includes(option.value)}
              onClick={() => choose(option)}
            >
              {option.text}
            </button>
          </li>
        ))}
      </ul>
      {variable.takesOthers && listed.length === 0 && typed.trim() !== "" && (
        <p class="weak">Enter takes “{typed.trim()}”.</p>
      )}
    </div>
  );
}
