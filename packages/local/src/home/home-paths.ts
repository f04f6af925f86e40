import { createHash } from "node:crypto";
import { join } from "node:path";

/** Where everything of one home is. Nothing is promised to exist. */
export interface HomePaths {
  /** The home itself, absolute. */
  readonly directory: string;
  /** First eight hex digits of the SHA-256 of {@link directory}: names the home where paths must be short. */
  readonly hash: string;
  /** `{ "schemaVersion": 1 }`. */
  readonly schema: string;
  /** Its lock is held by the supervisor for its life. */
  readonly lock: string;
  /** Who holds the lock. */
  readonly lockHolder: string;
  readonly state: string;
  readonly kubeconfig: string;
  readonly token: string;
  readonly tls: string;
  readonly bundles: string;
  /** The trust policy as JSON; absent = every bundle may run. */
  readonly trust: string;
  readonly logs: string;
  /** Only while the platform is up. */
  readonly platform: string;
  /** Which processes the supervisor started, so that the next one finds orphans. */
  readonly journal: string;
  /** Directory of all Unix sockets of this home; short, because a socket's path has at most 107 bytes. */
  readonly runtime: string;
  readonly supervisorSocket: string;
  readonly routesSocket: string;
}

/** What decides where the sockets of a home are. */
export interface RuntimeLocation {
  /** Absolute directory for sockets, e.g. `XDG_RUNTIME_DIR`. Default `/tmp`. */
  readonly runtimeParent?: string;
  /** Default: the user of this process. */
  readonly uid?: number;
}

/** The paths of the home in `directory`, which must be absolute; touches nothing. */
export function homePaths(directory: string, location: RuntimeLocation = {}): HomePaths {
  const hash = createHash("sha256").update(directory).digest("hex").slice(0, 8);
  const uid = location.uid ?? process.getuid?.() ?? 0;
  const runtime = join(location.runtimeParent ?? "/tmp", `slipway-${uid}`, hash);
  const at = (name: string) => join(directory, name);
  return {
    directory,
    hash,
    schema: at("home.json"),
    lock: at("lock.db"),
    lockHolder: at("lock.json"),
    state: at("state.db"),
    kubeconfig: at("kubeconfig"),
    token: at("token"),
    tls: at("tls"),
    bundles: at("bundles"),
    trust: at("trust.json"),
    logs: at("logs"),
    platform: at("platform.json"),
    journal: at("processes.json"),
    runtime,
    supervisorSocket: join(runtime, "supervisor.sock"),
    routesSocket: join(runtime, "routes.sock"),
  };
}
