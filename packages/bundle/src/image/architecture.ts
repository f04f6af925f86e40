/** Processor architectures that images are made for, by the names that images, Debian and Kubernetes use. */
export const architectures = {
  amd64: { node: "x64", elfMachine: 62, interpreter: "/lib64/ld-linux-x86-64.so.2", triplet: "x86_64-linux-gnu" },
  arm64: { node: "arm64", elfMachine: 183, interpreter: "/lib/ld-linux-aarch64.so.1", triplet: "aarch64-linux-gnu" },
} as const;

/** A key of {@link architectures}. */
export type Architecture = keyof typeof architectures;

/** Every architecture, in the order of an index. */
export const allArchitectures = Object.keys(architectures) as Architecture[];
