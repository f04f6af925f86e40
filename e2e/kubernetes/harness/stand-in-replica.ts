import { containers } from "@slipway/kubernetes";
import { pushImage } from "../../cluster/index.ts";

/**
 * A replica for tests of what is around one: it answers its probes, ends when asked to, and misbehaves as the parameter `fault` of its Model
 * says. SIGUSR1 makes it crash.
 */
const script = `#!/bin/sh
config="$(cat /etc/slipway/replica.json)"
case "$config" in
  *'"fault": "invalidModel"'*)
    echo '{"code":"invalid","message":"The model has no input."}' >/dev/termination-log
    exit 5 ;;
esac
mkdir -p /tmp/www/v2/health
echo ok >/tmp/www/v2/health/live
echo ok >/tmp/www/v2/health/ready
case "$config" in
  *'"fault": "ignoresStop"'*) trap '' TERM ;;
  *) trap 'exit 0' TERM ;;
esac
trap 'exit 1' USR1
httpd -f -p ${containers.ports.health} -h /tmp/www &
while :; do sleep 1000 & wait $!; done
`;

/** Makes the image and pushes it; gives its reference by digest. */
export function pushStandInReplica(registry: string): Promise<string> {
  const [program] = containers.command;
  const applets = ["sh", "cat", "mkdir", "httpd", "sleep", "kill"];
  return pushImage(registry, {
    name: "stand-in-replica",
    tag: "1",
    user: "65532:65532",
    entrypoint: [...containers.command],
    packages: ["busybox-static"],
    files: [
      ...applets.map((name) => ({ path: `usr/bin/${name}`, mode: 0o777, link: "busybox" })),
      { path: program.slice(1), mode: 0o755, content: Buffer.from(script) },
    ],
  });
}
