// One operator as a process of its own, from this checkout: `node operator-process.ts KUBECONFIG NAME`. Its log goes to standard output.
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { createLog, systemClock } from "@slipway/base";
import { connectCluster, readKubeconfig } from "@slipway/kubernetes";
import { clusterOperator } from "../../../apps/slipway/src/cluster/operator-role.ts";

const [, , kubeconfig = "", self = ""] = process.argv;
const access = readKubeconfig([{ text: readFileSync(kubeconfig, "utf8"), directory: dirname(kubeconfig) }]);
const server = await connectCluster(access, { clock: systemClock });
const log = createLog({ write: (line) => process.stdout.write(line), clock: systemClock, fields: { component: "operator" } });
const stop = new AbortController();
process.on("SIGTERM", () => stop.abort());
const loopback = { host: "127.0.0.1", routesPort: 0, healthPort: 0 };
await clusterOperator({ server, self, namespace: "slipway-system", ...loopback }, { clock: systemClock, log, stop: stop.signal });
await server.close();
