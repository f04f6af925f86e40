import { kubectl } from "../../cluster/index.ts";

/** Runs JavaScript in a pod that has the platform's image: there is no shell in it, but Node.js. Gives what it printed. */
export function runInPod(namespace: string, pod: string, script: string): Promise<string> {
  return kubectl("-n", namespace, "exec", pod, "--", "/slipway/bin/node", "-e", script);
}
