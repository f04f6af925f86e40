import { createLimiter } from "@slipway/local";
import type { Check } from "./check.ts";
import type { CliContext } from "./context.ts";

/** What is enforced on replicas here, and what one machine cannot give. Tried out, not guessed: a control group is made and removed. */
export function limitChecks(context: CliContext): Check[] {
  const limiter = createLimiter({ name: `doctor-${process.pid}`, clock: context.clock });
  const text = limiter.text;
  limiter.close();
  const limits: Check = text.startsWith("cgroup")
    ? { name: "resource limits", state: "ok", detail: text }
    : {
        name: "resource limits",
        state: "warn",
        detail: text,
        hint: "Let this user have control groups (on systemd: run inside `systemd-run --user --scope -p Delegate=yes`).",
      };
  return [
    limits,
    {
      name: "network policy",
      state: "warn",
      detail: "not enforced on one machine; replicas listen on Unix sockets only.",
      hint: "Use Kubernetes where it is required.",
    },
    {
      name: "sandbox",
      state: "warn",
      detail: "replicas run as this user, without a sandbox.",
      hint: "Serve models you trust, or use Kubernetes.",
    },
  ];
}
