/** The stack as scripts use it: how commands behave, and how a running stack is asked. */
export {
  type CommandCall,
  type CommandResult,
  localClock,
  localDate,
  runCommand,
  toSystemError,
} from "./command/command.ts";
export { StackError } from "./command/stack-error.ts";
export { writeLines } from "./command/terminal.ts";
export {
  checkout,
  childEnvironment,
  loopbackHosts,
  namedVariable,
  readStackConfig,
  type StackConfig,
} from "./config.ts";
export { checkContainers } from "./deployment/compose/parts/check-containers.ts";
export { computeSize, type Load, type SizeLine } from "./deployment/scale/size/size.ts";
export { replicaValues } from "./deployment/scale/tempo/helm-values.ts";
export { exportStore } from "./export/export-store.ts";
export { generatedFiles, supportPage } from "./generated-files.ts";
export { sampleTrace } from "./launch/first-trace.ts";
export { listPortFaults } from "./launch/launch.ts";
export { lastLines } from "./log/log-file.ts";
export {
  formatLogLine,
  type LogLine,
  newestRequest,
  parseLogLine,
  readTraceLines,
} from "./log/log-line.ts";
export { keepFilesPrivate } from "./private-files.ts";
export { Random } from "./repeatable-random.ts";
export {
  chosenServices,
  findConfiguration,
  type LoadedConfiguration,
  loadConfiguration,
  loadContract,
  serviceOptions,
} from "./services.ts";
export { checkStack, isDiskFull, type StackHealth } from "./state/health.ts";
export { fetchIngestCounts } from "./state/ingest-counts.ts";
export {
  findReceiver,
  findRunningStack,
  findStackToPreview,
  findStoreToRead,
  findTempo,
  findTraceStore,
  type ReadStore,
  type RunningStack,
} from "./state/running-stack.ts";
export { changedSettings, getServerLog } from "./state/stack-state.ts";
export { type RecentTrace, recentTraces } from "./trace/recent-traces.ts";
export { type SampleAnswer, sendSample } from "./trace/sample-request.ts";
export { attributeLines, drawSpanTree, formatDuration } from "./trace/span-tree.ts";
export {
  fetchTrace,
  formatViolation,
  isAsContracted,
  isTraceId,
  parseTraceId,
  traceNotFound,
  waitForTrace,
} from "./trace/tempo-client.ts";
export {
  listServices,
  measureTempo,
  measureTempoOverTime,
  searchTempo,
  type TempoAttribute,
  type TempoFoundSpan,
  type TempoFoundTrace,
  type TempoSeries,
  type TempoValue,
} from "./trace/tempo-query.ts";
export { ReadError } from "./trace-store/api/index.ts";
export { EmbeddedStackError } from "./trace-store/ports.ts";
export { ReceiverError } from "./trace-store/receiver/index.ts";
export { outcomeList } from "./trace-store/receiver/outcomes.ts";
export { StoreError } from "./trace-store/store/index.ts";
export { storeProcess } from "./trace-store/store-process.ts";
export { answerDataSet } from "./trace-store/traceql/conformance/answer-data-set.ts";
export { compareWithTempo } from "./trace-store/traceql/conformance/compare-with-tempo.ts";
export { dataSetJson } from "./trace-store/traceql/conformance/data/data-set.ts";
export type { TempoComparison } from "./trace-store/traceql/conformance/support-page.ts";
export type { PreviewNews, PreviewProblem } from "./viewer/data/preview.ts";
export { configurationPlugin } from "./viewer/http/configuration-plugin.ts";
export { startViewer, type Viewer } from "./viewer/index.ts";
