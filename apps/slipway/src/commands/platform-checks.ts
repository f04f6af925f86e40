import { createServer } from "node:net";
import { SlipwayError } from "@slipway/base";
import type { Check } from "./check.ts";
import type { CliContext } from "./context.ts";
import { withSession } from "./session.ts";

/** The state of the platform of this home, seen from outside: whether it runs, answers, and serves its models. */
export async function platformChecks(context: CliContext, home: string): Promise<Check[]> {
  const info = await context.platform.read(home);
  if (info === undefined) {
    return [
      { name: "platform", state: "warn", detail: "does not run", hint: "Start it: `slipway up --detach`." },
      await portCheck(),
    ];
  }
  const running: Check = { name: "platform", state: "ok", detail: `runs as process ${info.pid}, inference at ${info.gateway}` };
  try {
    return [
      running,
      ...(await withSession(context, { type: "machine", home, namespace: "default" }, async (session) => {
        const { items } = await session.client.list("Model", { signal: context.signal });
        const unready = items.filter(
          (model) => model.status?.conditions?.find((condition) => condition.type === "Ready")?.status !== "True",
        );
        const api: Check = { name: "control API", state: "ok", detail: `answers at ${info.api}` };
        if (unready.length === 0)
          return [api, { name: "models", state: "ok" as const, detail: `${items.length} applied, all ready` }];
        const names = unready.map((model) => `${model.metadata.namespace}/${model.metadata.name}`).join(", ");
        const hint = "Ask why: `slipway describe model NAME`.";
        return [
          api,
          { name: "models", state: "warn" as const, detail: `${unready.length} of ${items.length} not ready: ${names}`, hint },
        ];
      })),
    ];
  } catch (caught) {
    const detail = SlipwayError.from(caught).message;
    return [
      running,
      { name: "control API", state: "fail", detail, hint: "Restart the platform: `slipway down && slipway up --detach`." },
    ];
  }
}

/** Whether this process may listen on loopback at all; `up` takes a free port by itself. */
async function portCheck(): Promise<Check> {
  const name = "ports";
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    return { name, state: "ok", detail: "127.0.0.1 has free ones" };
  } catch (caught) {
    const code = (caught as NodeJS.ErrnoException).code ?? "unknown";
    return {
      name,
      state: "fail",
      detail: `nothing can listen on 127.0.0.1: ${code}.`,
      hint: "Let this user open ports on the loopback interface.",
    };
  } finally {
    server.close();
  }
}
