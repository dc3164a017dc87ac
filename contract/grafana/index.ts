/** What everything that is made for Grafana has in common. */
export { datasourceUids } from "./datasources.ts";
export { exploreLink } from "./explore-link.ts";
export { stageColour } from "./stage-colours.ts";
export { countedThings, grafanaUnit, isDuration, unitWords } from "./units.ts";
