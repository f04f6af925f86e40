// `npm run cluster -- up|down|status|kubeconfig|run COMMAND`: a real Kubernetes for the tests. With KUBECONFIG set, that cluster is used instead.
import { spawnSync } from "node:child_process";
import { cannotRun, down, givenKubeconfig, kubeconfigPath, readState, status, up } from "../e2e/cluster/index.ts";

const say = (line: string) => console.error(line);

switch (process.argv[2]) {
  case "up": {
    const reason = givenKubeconfig() === undefined ? cannotRun() : undefined;
    if (reason !== undefined) {
      say(reason);
      // So that a caller can tell "cannot run here" from "failed".
      process.exitCode = 3;
      break;
    }
    const cluster = await up(say);
    console.log(`KUBECONFIG=${cluster.kubeconfig}`);
    if (cluster.registry !== undefined) console.log(`registry: ${cluster.registry}`);
    break;
  }
  case "down":
    if (givenKubeconfig() === undefined) await down(say);
    else say("KUBECONFIG is set: that cluster is not ours to take down");
    break;
  case "status": {
    const { whole, text } = await status();
    console.log(text);
    process.exitCode = whole ? 0 : 1;
    break;
  }
  case "kubeconfig":
    console.log(givenKubeconfig() ?? kubeconfigPath);
    break;
  case "run": {
    // One cluster for all the files of a test step. Where there can be none, the command runs all the same and says what it leaves out.
    const ours = givenKubeconfig() === undefined && cannotRun() === undefined && readState() === undefined;
    const [program = "true", ...args] = process.argv.slice(3);
    try {
      if (ours) await up(say);
      process.exitCode = spawnSync(program, args, { stdio: "inherit" }).status ?? 1;
    } finally {
      if (ours) await down(say);
    }
    break;
  }
  default:
    say("usage: npm run cluster -- up|down|status|kubeconfig|run COMMAND");
    process.exitCode = 2;
}
