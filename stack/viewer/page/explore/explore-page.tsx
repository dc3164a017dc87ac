import { useEffect } from "preact/hooks";
import type { Provisioned } from "../../data/provisioned.ts";
import { getJson } from "../api/get-json.ts";
import { useLoaded } from "../api/use-loaded.ts";
import { useGeneration } from "../preview/preview-state.ts";
import { Message } from "../shell/message.tsx";
import { ExploreView } from "./explore-view.tsx";

/** The page on which any query can be asked: its address says which, in Grafana's form. */
export function ExplorePage({ address }: { readonly address: URL }) {
  const provisioned = useLoaded(
    "provisioned",
    (signal) => getJson<Provisioned>("/api/viewer/provisioned", signal),
    useGeneration(),
  );
  useEffect(() => {
    document.title = "Explore · miniserve viewer";
  }, []);
  if (provisioned.phase === "loading") {
    return <Message title="Loading …" />;
  }
  if (provisioned.phase === "failed") {
    return <Message kind="error" title={provisioned.error.message} />;
  }
  return <ExploreView address={address} datasources={provisioned.value.datasources} />;
}
