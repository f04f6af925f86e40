// One operator as a process of its own, from this checkout: `node operator-process.ts KUBECONFIG NAME`. Its log goes to standard output.
import { createLog, systemClock } from "@slipway/base";
import { clusterOperator } from "../../../apps/slipway/src/cluster/operator-role.ts";
import { connectKubeconfig } from "../../harness/connect-kubeconfig.ts";

const [, , kubeconfig = "", self = ""] = process.argv;
const server = await connectKubeconfig(kubeconfig);
const log = createLog({ write: (line) => process.stdout.write(line), clock: systemClock, fields: { component: "operator" } });
const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
const loopback = { host: "127.0.0.1", routesPort: 0, healthPort: 0 };
await clusterOperator({ server, self, namespace: "slipway-system", ...loopback }, { clock: systemClock, log, stop: stop.signal });
await server.close();
