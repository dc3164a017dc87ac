import type { GenerateFiles } from "../generated-file.ts";
import { contractData } from "./contract-data.ts";
import { contractPage } from "./contract-page.ts";

export { type ContractData, contractData } from "./contract-data.ts";

/** The contract as people and as programs read it, in `docs/generated/`. */
export const contractDocuments: GenerateFiles = (contract) => [
  {
    path: "docs/generated/contract.json",
    content: `${JSON.stringify({ generated: doNotEdit, ...contractData(contract) }, null, 2)}\n`,
  },
  {
    path: "docs/generated/contract.md",
    // The page ends with one line break, whatever its last section is.
    content: `${contractPage(contract).join("\n").trimEnd()}\n`,
  },
];

const doNotEdit = "By npm run generate, from contract/. Do not edit.";
