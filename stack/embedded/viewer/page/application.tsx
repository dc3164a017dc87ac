import { useEffect, useState } from "preact/hooks";
import type { Theme } from "../data/colours.ts";
import { pageAt } from "./routes.tsx";
import { useAddress } from "./routing/address.ts";
import { Header } from "./shell/header.tsx";
import { applyTheme, firstTheme, storeTheme, ThemeContext } from "./shell/theme.ts";

export function Application() {
  const address = useAddress();
  const [theme, setTheme] = useState<Theme>(firstTheme);
  useEffect(() => applyTheme(theme), [theme]);
  const choose = (chosen: Theme) => {
    storeTheme(chosen);
    setTheme(chosen);
  };
  return (
    <ThemeContext.Provider value={theme}>
      <Header path={address.pathname} theme={theme} onTheme={choose} />
      <main id="content" tabIndex={-1}>
        {pageAt(address)}
      </main>
    </ThemeContext.Provider>
  );
}
