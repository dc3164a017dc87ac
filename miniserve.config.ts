/** The services whose dashboards, queries, alerts and pipeline this project makes. */
import { defineConfig, defineService } from "miniserve/contract";
import { miniserve } from "#miniserve";

export default defineConfig({
  services: [
    defineService({
      contract: miniserve,
      dashboards: () => import("./dashboards/miniserve/miniserve.ts"),
    }),
  ],
});
