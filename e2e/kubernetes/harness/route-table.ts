import { systemClock } from "@slipway/base";
import { tlsFeed } from "@slipway/gateway";
import { systemSecrets } from "@slipway/kubernetes";
import { feedVersion } from "@slipway/protocol";
import { kubectlGet } from "../../cluster/index.ts";
import { podsOf, systemNamespace } from "./installation.ts";

/** The routing table as gateways get it from the operator that leads, one line of JSON: asked for with a gateway's own certificate. */
export async function routeTable(): Promise<string> {
  const secret = await kubectlGet<{ data: Record<string, string> }>("-n", systemNamespace, "secret", systemSecrets.gatewayTls);
  const text = (key: string) => Buffer.from(secret.data[key]!, "base64").toString();
  const current = { cert: text("tls.crt"), key: text("tls.key"), ca: text("ca.crt") };
  const operators = await podsOf(systemNamespace, "app.kubernetes.io/component=operator");
  const connect = tlsFeed({
    host: "operator",
    port: 7882,
    credentials: { current, onChange: () => () => {} },
    clock: systemClock,
    resolve: async () => operators.flatMap(({ status }) => status.podIP ?? []),
  });
  const socket = await connect();
  try {
    socket.write(`${JSON.stringify({ type: "hello", version: feedVersion, gateway: "a-test" })}\n`);
    let received = "";
    for await (const chunk of socket) {
      received += String(chunk);
      const table = received
        .split("\n")
        .slice(0, -1)
        .find((line) => line.includes('"type":"routes"'));
      if (table !== undefined) return table;
    }
    throw new Error("the operator ended the connection without a table");
  } finally {
    socket.destroy();
  }
}
