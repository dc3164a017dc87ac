/** What everything that is made for Grafana has in common. */
export { datasourceUids, exploreLink } from "./explore-link.ts";
export { countedThings, grafanaUnit, isDuration, stageColour, toUnit, unitWords } from "./units.ts";
