/** Text that is there, or a file that has it and may change. */
export type Source = { readonly text: string } | { readonly path: string };

/** Who calls: nobody in particular, the bearer of a token, the owner of a client certificate, or whoever a program says. */
export type Credential =
  | { readonly type: "none" }
  | { readonly type: "token"; readonly token: Source }
  | { readonly type: "certificate"; readonly certificate: Source; readonly key: Source }
  | { readonly type: "program"; readonly program: CredentialProgram };

/** A program that prints an ExecCredential, https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins. */
export interface CredentialProgram {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Set beside the environment it is run in. */
  readonly env: Readonly<Record<string, string>>;
  /** The cluster it is told of, if its kubeconfig says `provideClusterInfo`. */
  readonly cluster?: { readonly server: string; readonly ca?: Source };
}

/** How to reach a cluster, and as whom. */
export interface ClusterAccess {
  /** `https://host:port`, without a trailing slash. */
  readonly server: string;
  /** Authorities to trust instead of the machine's. */
  readonly ca?: Source;
  /** The name the server's certificate must have, if it is not the host's. */
  readonly serverName?: string;
  /** Trust whoever answers: the kubeconfig says `insecure-skip-tls-verify`. */
  readonly insecure?: boolean;
  readonly credential: Credential;
  /** The namespace meant when none is named. */
  readonly namespace?: string;
}
