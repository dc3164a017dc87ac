import { render } from "preact";
import { Application } from "./application.tsx";
import { followPreview } from "./preview/preview-state.ts";
import { followLinks } from "./routing/address.ts";
import { applyTheme, firstTheme } from "./shell/theme.ts";

applyTheme(firstTheme());
followLinks();
followPreview();
const root = document.getElementById("application");
if (root !== null) {
  render(<Application />, root);
}
