import { useCallback, useLayoutEffect, useState } from "preact/hooks";
import type { Theme } from "../data/colours.ts";
import { PreviewBadge } from "./preview/preview-badge.tsx";
import { PreviewProblems } from "./preview/preview-problems.tsx";
import { isPreview, usePreview } from "./preview/preview-state.ts";
import { pageAt } from "./routes.tsx";
import { useAddress } from "./routing/address.ts";
import { Header } from "./shell/header.tsx";
import { applyTheme, firstTheme, storeTheme, ThemeContext } from "./shell/theme.ts";

export function Application() {
  const address = useAddress();
  const [theme, setTheme] = useState<Theme>(firstTheme);
  // Before the page is drawn: colours of one theme on the ground of the other cannot be read.
  useLayoutEffect(() => applyTheme(theme), [theme]);
  const choose = (chosen: Theme) => {
    storeTheme(chosen);
    setTheme(chosen);
  };
  const { problems, hide, show, isHidden } = useProblems();
  return (
    <ThemeContext.Provider value={theme}>
      <Header path={address.pathname} theme={theme} onTheme={choose}>
        {isPreview && (
          <PreviewBadge
            hasContract={!/^\/(d\/|dashboards$)/.test(address.pathname)}
            problemsAreHidden={isHidden}
            onProblems={show}
          />
        )}
      </Header>
      <main id="content" tabIndex={-1}>
        {pageAt(address)}
      </main>
      {problems.length > 0 && !isHidden && <PreviewProblems problems={problems} onHide={hide} />}
    </ThemeContext.Provider>
  );
}

/** The problems of the preview. Those that were hidden stay so, until there are others. */
function useProblems() {
  const problems = usePreview().state?.problems ?? [];
  const key = JSON.stringify(problems);
  const [hidden, setHidden] = useState("");
  const hide = useCallback(() => setHidden(key), [key]);
  const show = useCallback(() => setHidden(""), []);
  return { problems, hide, show, isHidden: hidden === key };
}
