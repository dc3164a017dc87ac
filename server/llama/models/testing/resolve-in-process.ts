/** Resolves a model in a process of its own, for tests that kill one. Options come as JSON. */
import { type ModelOptions, resolveModel } from "../resolve-model.ts";

const options: ModelOptions = JSON.parse(process.argv[2] ?? "{}");
const { source } = await resolveModel(options);
process.stdout.write(source);
