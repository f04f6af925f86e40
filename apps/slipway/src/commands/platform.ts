/** How a running platform is reached; what `slipway up -o json` prints, and more. */
export interface PlatformInfo {
  /** `http://127.0.0.1:PORT`, inference. */
  readonly gateway: string;
  /** `https://127.0.0.1:PORT`, the control API. */
  readonly api: string;
  /** Path of the kubeconfig that has the API's CA and token. */
  readonly kubeconfig: string;
  /** Process id of the supervisor. */
  readonly pid: number;
}

/** What `slipway up` may set. */
export interface UpOptions {
  /** Absolute path. */
  readonly home: string;
  /** 0: any free port. Absent: the port of last time in this home, else the usual one or any free one. */
  readonly gatewayPort?: number;
  /** The same for the control API. */
  readonly apiPort?: number;
}

/** What the command line needs of the composed platform; `src/platform/` implements it. Every failure is a `SlipwayError`. */
export interface Platform {
  /** The running platform of this home; undefined when none runs (a stale `platform.json` counts as none). Does not create the home. */
  read(home: string): Promise<PlatformInfo | undefined>;
  /** Runs the platform in this process, calls `ready` once, and resolves after the signal aborted and everything it started has ended. */
  up(options: UpOptions, ready: (info: PlatformInfo) => void, signal: AbortSignal): Promise<void>;
  /** Starts the platform as a process of its own and resolves when it is ready. `alreadyExists` when it runs already. */
  startDetached(options: UpOptions, signal: AbortSignal): Promise<PlatformInfo>;
  /** Ends everything the platform of this home started and waits for it; false when it was not running. */
  down(home: string, signal: AbortSignal): Promise<boolean>;
  /** Runs one replica with its own listener for HTTP and gRPC, with TLS when there are files of a certificate, without control or gateway, until the signal aborts. `bundle` is `sha256:…`, in the home's store. */
  serve(
    options: {
      home: string;
      bundle: string;
      port: number;
      parameters: Readonly<Record<string, string>>;
      tls?: { readonly cert: string; readonly key: string };
    },
    ready: (url: string, model: string) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** The version of the product, e.g. `0.1.0`. */
  readonly version: string;
}
