/** Who the user is to a registry: a name and password, or a token that is exchanged for others. */
export type Credential =
  | { readonly username: string; readonly password: string }
  | {
      /** OAuth 2.0 refresh token, as `docker login` keeps it for some registries. */
      readonly identityToken: string;
    };

/** The credential for a registry (`registry.example.org:5000`); undefined where there is none. */
export type Credentials = (registry: string) => Promise<Credential | undefined>;

/** For registries that let anybody read. */
export const anonymous: Credentials = async () => undefined;
