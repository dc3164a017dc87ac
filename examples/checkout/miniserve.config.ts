import { defineConfig, defineService } from "miniserve/contract";
import { checkout } from "./contract.ts";

export default defineConfig({ services: [defineService({ contract: checkout })] });
