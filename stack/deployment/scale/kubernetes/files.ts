import { Document } from "yaml";
import { type Contract, type GeneratedFile, serviceNameOf } from "#contract";
import { gatewayObjects } from "./gateways.ts";
import { agentConfigName, gatewayConfigName, tlsSecret, tokenSecret } from "./names.ts";
import { serverObjects } from "./server.ts";

const imageTag = "0.1.0";

/** Servers and Collectors for Kubernetes 1.29 or newer: `kubectl apply -k stack/generated/scale`. */
export function kubernetesFiles(contract: Contract): GeneratedFile[] {
  const service = serviceNameOf(contract);
  return [
    file(
      "kustomization.yaml",
      [
        `The servers of ${service} with their agents, and the gateways: kubectl apply -k stack/generated/scale`,
        `Secrets that must be there: ${service}-api-key (key), ${tokenSecret} (token), ${tlsSecret}`,
        "(tls.crt, tls.key, ca.crt; the certificate is for collector-gateway). The chart of Tempo has its own.",
      ],
      [
        {
          apiVersion: "kustomize.config.k8s.io/v1beta1",
          kind: "Kustomization",
          resources: ["servers.yaml", "gateways.yaml"],
          configMapGenerator: [
            { name: agentConfigName, files: ["collector-agent.yaml"] },
            { name: gatewayConfigName, files: ["collector-gateway.yaml"] },
          ],
          images: [{ name: service, newTag: imageTag }],
        },
      ],
    ),
    file(
      "servers.yaml",
      ["Several servers behind one service, each with its agent."],
      serverObjects(contract),
    ),
    file("gateways.yaml", ["The gateways between the agents and Tempo."], gatewayObjects()),
  ];
}

function file(name: string, meaning: readonly string[], objects: readonly object[]): GeneratedFile {
  const lines = [
    "Generated from contract/ and stack/deployment/scale/kubernetes/ by npm run generate. Do not edit.",
    "",
    ...meaning,
  ];
  const head = lines.map((line) => `# ${line}`.trimEnd()).join("\n");
  const documents = objects.map((object) =>
    new Document(object, { aliasDuplicateObjects: false }).toString({ lineWidth: 0 }),
  );
  return { path: `stack/generated/scale/${name}`, content: `${head}\n${documents.join("---\n")}` };
}
