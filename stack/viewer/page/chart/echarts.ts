/** The parts of ECharts that the panels use; the rest does not come into the bundle. */
import { BarChart, CustomChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([AriaComponent, BarChart, CanvasRenderer, CustomChart, GridComponent, LineChart]);

export type { EChartsType } from "echarts/core";
export type { EChartsOption } from "echarts/types/dist/shared";
export { init };
