import { readFile } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { SlipwayError } from "@slipway/base";
import type { ClusterAccess, KubeconfigFile } from "@slipway/kubernetes";
import type { CliContext } from "./context.ts";

/** What a context of the user's kubeconfig says; of the current one when none is named. Throws `usage` when there is no kubeconfig, `notFound` with the contexts there are. */
export async function openContext(
  context: CliContext,
  name: string | undefined,
): Promise<{ name: string; access: ClusterAccess }> {
  if (name === "") throw new SlipwayError("usage", "--context needs a name, but the text given is empty.");
  const files = await kubeconfigFiles(context);
  const { contextName, readKubeconfig } = await import("@slipway/kubernetes");
  const chosen = contextName(files, name);
  return { name: chosen, access: readKubeconfig(files, { context: chosen }) };
}

async function kubeconfigFiles({ env, cwd }: CliContext): Promise<KubeconfigFile[]> {
  const listed = (env.KUBECONFIG ?? "").split(delimiter).filter((path) => path !== "");
  const paths = listed.length > 0 ? listed : [join(env.HOME ?? "/", ".kube", "config")];
  const files: KubeconfigFile[] = [];
  for (const path of paths.map((each) => resolve(cwd, each))) {
    try {
      files.push({ text: await readFile(path, "utf8"), directory: dirname(path) });
    } catch (caught) {
      // As with kubectl, a file of the list may be missing; one that is there must be readable.
      if ((caught as NodeJS.ErrnoException).code === "ENOENT") continue;
      throw new SlipwayError("usage", `The kubeconfig ${path} cannot be read: ${(caught as NodeJS.ErrnoException).code}.`);
    }
  }
  if (files.length > 0) return files;
  throw new SlipwayError(
    "usage",
    `There is no kubeconfig: ${paths.join(", ")} ${paths.length === 1 ? "does" : "do"} not exist.`,
    {
      hint: "Set KUBECONFIG to the file that your cluster's provider gave you.",
    },
  );
}
