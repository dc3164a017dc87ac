import type { Refusal } from "../../data/provisioned.ts";
import { Message } from "../shell/message.tsx";

/** What was not provisioned, and why. Nothing when all was. */
export function Refusals({ refusals }: { readonly refusals: readonly Refusal[] }) {
  if (refusals.length === 0) {
    return null;
  }
  return (
    <Message kind="warning" title="Not everything can be provisioned. Grafana would refuse it too:">
      <ul>
        {refusals.map(({ file, reason }) => (
          <li key={`${file} ${reason}`}>
            <code>{file}</code>: {reason}
          </li>
        ))}
      </ul>
    </Message>
  );
}
