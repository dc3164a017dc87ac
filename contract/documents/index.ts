import type { GeneratedFile } from "../generated-file.ts";
import type { Service } from "../services.ts";
import { contractData } from "./contract-data.ts";
import { contractPage } from "./contract-page.ts";

export { type ContractData, contractData } from "./contract-data.ts";

/** The contract as people and as programs read it, in `docs/generated/`. */
export const contractDocuments = (services: readonly Service[]): GeneratedFile[] =>
  services.flatMap(({ id, name, contract }) => [
    {
      path: `docs/generated/${id}/contract.json`,
      content: `${JSON.stringify({ generated: `By npm run generate, from the contract of ${name}. Do not edit.`, ...contractData(contract) }, null, 2)}\n`,
    },
    {
      path: `docs/generated/${id}/contract.md`,
      // The page ends with one line break, whatever its last section is.
      content: `${contractPage(contract).join("\n").trimEnd()}\n`,
    },
  ]);
