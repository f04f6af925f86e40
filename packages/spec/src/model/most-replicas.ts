/** The highest number of replicas a Model may ask for. */
export const mostReplicas = 1000;
