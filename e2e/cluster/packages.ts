import { existsSync, rmSync, writeFileSync } from "node:fs";
import { must } from "./must.ts";

/** Debian package → a file that it brings. */
const needed: Readonly<Record<string, string>> = {
  containerd: "/usr/bin/containerd",
  runc: "/usr/sbin/runc",
  "containernetworking-plugins": "/usr/lib/cni/ptp",
  "docker-registry": "/usr/bin/docker-registry",
  iptables: "/usr/sbin/iptables",
  conntrack: "/usr/sbin/conntrack",
  socat: "/usr/bin/socat",
  iproute2: "/usr/sbin/ip",
};

/** The Debian packages that the cluster uses and this machine lacks. */
export function missingPackages(): string[] {
  return Object.keys(needed).filter((name) => !existsSync(needed[name]!));
}

/** Installs what is missing, without starting the services that come with it. */
export async function installPackages(say: (line: string) => void): Promise<void> {
  const missing = missingPackages();
  if (missing.length === 0) return;
  say(`installing Debian packages: ${missing.join(" ")}`);
  // Debian asks this script before it starts a service; 101 means "do not".
  const policy = "/usr/sbin/policy-rc.d";
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    const install = ["install", "-y", "--no-install-recommends", ...missing];
    await must("apt-get", install).catch(async () => {
      await must("apt-get", ["update"]);
      await must("apt-get", install);
    });
  } finally {
    if (ours) rmSync(policy);
  }
}
