/**
 * Where a pod of ours has things, as `containers` of the Kubernetes package has them for the objects it renders; a test holds both together. A replica does not load
 * that package, because a client of clusters would be half of its start.
 */
export const podPlaces = {
  ports: { frames: 7880, health: 7881, routes: 7882, inference: 7878 },
  replicaSpec: "/etc/slipway/replica.json",
  tls: "/etc/slipway/tls",
} as const;
