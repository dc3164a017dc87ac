import type { Automaton } from "./automaton.ts";

/**
 * What JSON may look like, as far as a grammar can say it: what a JSON Schema is read into, and what
 * a grammar is written from.
 */
export type JsonForm =
  | { readonly kind: "any" }
  /** One of these values, each as the JSON text that stands for it. */
  | { readonly kind: "literals"; readonly texts: readonly string[] }
  | {
      readonly kind: "string";
      /** In characters. */
      readonly minLength: number;
      readonly maxLength: number | undefined;
    }
  /** A string whose characters, unescaped, the automaton takes. */
  | { readonly kind: "text"; readonly automaton: Automaton }
  | { readonly kind: "number"; readonly isInteger: boolean }
  /** A number whose digits the automaton takes. */
  | { readonly kind: "range"; readonly automaton: Automaton }
  | {
      readonly kind: "array";
      readonly items: JsonForm;
      readonly minItems: number;
      readonly maxItems: number | undefined;
    }
  /** These members in this order, and no others. */
  | { readonly kind: "object"; readonly members: readonly JsonMember[] }
  /** Any names, all with values of one form. */
  | { readonly kind: "map"; readonly values: JsonForm }
  | { readonly kind: "union"; readonly branches: readonly JsonForm[] }
  /** A form that stands in the definitions, which is how a form can hold itself. */
  | { readonly kind: "reference"; readonly name: string };

export interface JsonMember {
  readonly name: string;
  readonly isRequired: boolean;
  readonly form: JsonForm;
}

export interface JsonForms {
  readonly root: JsonForm;
  readonly definitions: ReadonlyMap<string, JsonForm>;
}
