import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { dnsObjects } from "./addons/dns.ts";
import { metricsObjects } from "./addons/metrics.ts";
import { buildBinaries } from "./binaries.ts";
import { makeCgroups } from "./cgroups.ts";
import { claim } from "./claim.ts";
import { startApiServer, startControllers, startRegistry } from "./control-plane.ts";
import { makeCredentials } from "./credentials.ts";
import { down } from "./down.ts";
import { givenKubeconfig } from "./given-cluster.ts";
import { clusterImages, pushBaseImage, pushClusterImages } from "./images/cluster-images.ts";
import { kubectl, kubectlApply } from "./kubectl.ts";
import { controlName, kubeconfigPath, nodes, registryHost, stateFolder } from "./layout.ts";
import { checkAddressesAreFree, linkMachines } from "./links.ts";
import { startMachine } from "./machine.ts";
import { installPackages } from "./packages.ts";
import type { ClusterState } from "./state.ts";
import { writeState } from "./state.ts";
import { startNode } from "./worker-node.ts";

/** A cluster that tests may use. */
export interface Cluster {
  readonly kubeconfig: string;
  /** The registry of our own cluster, `HOST:PORT`, plain HTTP; a cluster that was brought along has none that we know. */
  readonly registry?: string;
}

/** Gives the cluster of KUBECONFIG, or our own: the one that is up, or a new one with all nodes, DNS and metrics ready. */
export async function up(say: (line: string) => void): Promise<Cluster> {
  const given = givenKubeconfig();
  if (given !== undefined) return { kubeconfig: given };
  await installPackages(say);
  await buildBinaries(say);
  const state = await claim(say);
  if (state !== undefined) {
    try {
      await bringUp(state, say);
    } catch (error) {
      const kept = `${stateFolder}-failed-logs`;
      rmSync(kept, { recursive: true, force: true });
      if (existsSync(join(stateFolder, "logs"))) renameSync(join(stateFolder, "logs"), kept);
      await down(say);
      throw new Error(`the cluster did not come up; its logs are in ${kept}`, { cause: error });
    }
  }
  return { kubeconfig: kubeconfigPath, registry: registryHost };
}

async function bringUp(state: ClusterState, say: (line: string) => void): Promise<void> {
  const started = performance.now();
  const step = (what: string) => say(`${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s  ${what}`);
  await checkAddressesAreFree();
  makeCgroups();
  for (const name of [controlName, ...nodes.map((node) => node.name)]) await startMachine(state, name);
  await linkMachines(state);
  await makeCredentials();
  await startRegistry(state);
  step("machines are linked, the registry answers");
  await Promise.all([startApiServer(state), pushClusterImages()]);
  step("the API server is ready");
  await startControllers(state);
  await Promise.all(nodes.map((node) => startNode(state, node, clusterImages.pause)));
  await kubectlApply([...dnsObjects, ...metricsObjects]);
  await pushBaseImage();
  const names = nodes.map((node) => `node/${node.name}`);
  await kubectl("wait", "--for=create", ...names, "--timeout=60s");
  await kubectl("wait", "--for=condition=Ready", ...names, "--timeout=60s");
  step(`${nodes.length} nodes are ready`);
  await kubectl("-n", "kube-system", "wait", "--for=condition=Available", "deployment/coredns", "--timeout=60s");
  step("DNS answers");
  await kubectl("wait", "--for=condition=Available", "apiservice/v1beta1.metrics.k8s.io", "--timeout=120s");
  step("metrics are served");
  state.phase = "up";
  writeState(state);
}
