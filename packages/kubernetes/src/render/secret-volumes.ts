import { type SecretReference, secretKey } from "@slipway/spec";

/** Only the pod's own user reads them: its group owns the files of a projected volume. */
const onlyOurs = 0o440;

/** The environment variables that a revision's secrets are. */
export function secretVariables(secrets: readonly SecretReference[]) {
  return secrets.flatMap((entry) =>
    entry.env === undefined
      ? []
      : [{ name: entry.env, valueFrom: { secretKeyRef: { name: entry.name, key: secretKey(entry) } } }],
  );
}

/**
 * Volumes for the secrets that are files: one for each directory that is in no other, for kubelet renews only what is mounted whole,
 * and a volume in a volume could not be mounted read-only.
 */
export function secretVolumes(secrets: readonly SecretReference[]) {
  const files = secrets.flatMap((entry) => (entry.file === undefined ? [] : [{ path: entry.file, entry }]));
  const directories = [...new Set(files.map(({ path }) => directoryOf(path)))];
  const outermost = directories.filter((one) => !directories.some((other) => one.startsWith(`${other}/`))).sort();
  return outermost.map((directory, index) => ({
    mount: { name: `secrets-${index}`, mountPath: directory, readOnly: true },
    volume: {
      name: `secrets-${index}`,
      projected: {
        defaultMode: onlyOurs,
        sources: files
          .filter(({ path }) => path.startsWith(`${directory}/`))
          .map(({ path, entry }) => ({
            secret: { name: entry.name, items: [{ key: secretKey(entry), path: path.slice(directory.length + 1) }] },
          })),
      },
    },
  }));
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
