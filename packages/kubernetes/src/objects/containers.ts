/** What a pod of ours and the image it runs agree on: commands, ports and paths. */
export const containers = {
  /** What every image of ours runs, without a shell; what follows is the role. The image's maker, `bundle`, has the same words. */
  command: ["/slipway/bin/node", "--disable-warning=ExperimentalWarning", "/slipway/lib/main.js"],
  roles: { operator: "cluster-operator", gateway: "cluster-gateway", replica: "cluster-replica" },
  ports: {
    /** Frames between gateway and replica. */
    frames: 7880,
    /** Plain HTTP for the kubelet's probes; nobody else is let in. */
    health: 7881,
    /** The operator's route feed, for gateways. */
    routes: 7882,
    /** Inference, as on one machine. */
    inference: 7878,
  },
  paths: {
    live: "/v2/health/live",
    ready: "/v2/health/ready",
    configuration: "/etc/slipway",
    replicaSpec: "replica.json",
    tls: "/etc/slipway/tls",
  },
} as const;
