import { useState } from "preact/hooks";
import { Icon } from "../shell/icon.tsx";

/** The address says all, so that it is what is shared. */
export function ShareButton() {
  const [said, setSaid] = useState("");
  const copy = () => {
    navigator.clipboard.writeText(location.href).then(
      () => setSaid("Copied"),
      () => setSaid("The browser does not let it: copy the address above."),
    );
  };
  return (
    <>
      <button type="button" class="button" onClick={copy}>
        <Icon name="link" /> Copy link
      </button>
      <span role="status" class="weak">
        {said}
      </span>
    </>
  );
}
