import type { Service, Services } from "#contract";
import {
  applyPlan,
  configMaps,
  type ProvisioningPlan,
  planProvisioning,
} from "../provisioning/index.ts";
import {
  type CommandCall,
  type CommandResult,
  chosenServices,
  runCommand,
  StackError,
} from "../stack/index.ts";
import {
  options,
  readAccess,
  readChoices,
  requireConfigMap,
  requireOneFolder,
} from "./provision/arguments.ts";
import { generatedFor } from "./provision/generated-for.ts";
import { doneLine, planLines, planReport, summaryLine } from "./provision/plan-lines.ts";

await runCommand({
  name: "npm run provision",
  summary:
    "Provisions the folder, datasources, dashboards, alert rules and saved queries in an existing Grafana,\nover its HTTP API. Shows the differences first, changes only its own objects, and continues where an\nearlier run stopped.",
  options,
  examples: [
    [
      "npm run provision -- --grafana https://grafana.example.org --dry-run",
      "only shows what would change",
    ],
  ],
  exitCodes: [
    "Grafana is up to date; with --dry-run, the plan was shown.",
    "An object belongs to someone else and nothing was changed, or a change failed.",
    "It could not run: invalid options, no response, no permission, an unsuitable Grafana.",
  ],
  run: provision,
});

async function provision(call: CommandCall<typeof options>): Promise<CommandResult> {
  const services = await chosenServices(call.options);
  requireOneFolder(call.options, services);
  if (call.options.export !== undefined) {
    return await exportConfigMaps(call, services);
  }
  const results: CommandResult[] = [];
  for (const service of services) {
    results.push(await provisionService(call, service));
  }
  return {
    exitCode: Math.max(...results.map(({ exitCode }) => exitCode)),
    report: results.length === 1 ? results[0]?.report : results.map(({ report }) => report),
  };
}

async function provisionService(
  call: CommandCall<typeof options>,
  service: Service,
): Promise<CommandResult> {
  const { options: given } = call;
  const access = readAccess(given);
  const plan = await planProvisioning({
    service,
    files: await generatedFor(service),
    access,
    choices: readChoices(given),
    folder: given.folder,
    prune: given.prune === true,
  });
  call.say(...planLines(plan, call));
  const changes = plan.steps.map(({ change }) => change);
  const refused = changes.filter(({ action }) => action === "refuse").length;
  const toDo = changes.filter((change) => "apply" in change).length;
  if (refused > 0) {
    call.say("", call.style("red", "Nothing was changed: decide about what is refused first."));
    return { exitCode: 1, report: planReport(plan, "refused") };
  }
  if (toDo === 0 || given["dry-run"] === true) {
    call.say("", toDo === 0 ? "There is nothing to do." : summaryLine(changes));
    return { exitCode: 0, report: planReport(plan, toDo === 0 ? "nothing to do" : "planned") };
  }
  return await carryOut(call, plan, toDo);
}

async function carryOut(
  { say, style }: CommandCall<typeof options>,
  plan: ProvisioningPlan,
  toDo: number,
): Promise<CommandResult> {
  say("");
  const { done, failure } = await applyPlan(plan, (change) => say(doneLine(change, style)));
  if (failure === undefined) {
    say("", `Done: ${done.length} of ${toDo}. A second run has nothing to do.`);
    return { exitCode: 0, report: planReport(plan, "applied", done) };
  }
  const { change, error } = failure;
  say(
    "",
    style("red", `✗ ${change.kind} ${change.id}: ${error.message} [${error.code}]`),
    error.hint,
    `Done: ${done.length} of ${toDo}, which stay. Once that is mended, another run goes on from here.`,
  );
  return { exitCode: 1, report: planReport(plan, "broken off", done, error) };
}

async function exportConfigMaps(
  call: CommandCall<typeof options>,
  services: Services,
): Promise<CommandResult> {
  const { options: given } = call;
  requireConfigMap(given);
  const choices = readChoices(given);
  const { folder } = given;
  const maps = await Promise.all(
    services.map(async (service) =>
      configMaps({ service, files: await generatedFor(service), choices, folder }),
    ),
  );
  const yaml = maps.map((map) => map.yaml).join("---\n");
  const names = maps.flatMap((map) => map.names);
  const tooLarge = maps.flatMap((map) => map.tooLarge);
  if (given.json === true) {
    return { exitCode: tooLarge.length === 0 ? 0 : 1, report: { names, tooLarge, yaml } };
  }
  if (tooLarge.length > 0) {
    throw new StackError("generation_impossible", {
      message: "What was made is larger than Kubernetes takes: 1 MiB.",
      details: tooLarge,
      hint: "Import dashboards/generated/ by hand.",
    });
  }
  return { exitCode: 0, document: yaml };
}
