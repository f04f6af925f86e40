import { type Clock, SlipwayError } from "@slipway/base";
import { type Challenge, parseChallenges } from "./challenge.ts";
import type { Credential, Credentials } from "./credentials.ts";
import { readUpTo, registryError } from "./registry-error.ts";
import type { Wire, WireResponse } from "./wire.ts";

/** What a request is for; registries give a token for one scope at a time. */
export interface Scope {
  /** Host as in references; credentials are kept under it. */
  readonly registry: string;
  /** E.g. `repository:team/digits:pull`; several when a blob is taken over from another repository. */
  readonly names: readonly string[];
}

interface Token {
  readonly header: string;
  /** Monotonic milliseconds. */
  readonly until: number;
}

/** A token is good for this long when the registry does not say, by the specification; it is replaced a little before. */
const standardSeconds = 60;
const marginMs = 10_000;
const tokenBytes = 1024 * 1024;

/** Answers the challenges of registries: Basic, and Bearer tokens that are fetched, kept until they expire, and never sent elsewhere. */
export class Authorizer {
  private readonly tokens = new Map<string, Token>();
  private readonly fetching = new Map<string, Promise<Token>>();
  private readonly wire: Wire;
  private readonly credentials: Credentials;
  private readonly clock: Clock;

  constructor(wire: Wire, credentials: Credentials, clock: Clock) {
    this.wire = wire;
    this.credentials = credentials;
    this.clock = clock;
  }

  /** The `Authorization` that was good the last time; undefined before the first challenge. */
  header(scope: Scope): string | undefined {
    const token = this.tokens.get(keyOf(scope));
    return token !== undefined && token.until > this.clock.monotonic() ? token.header : undefined;
  }

  /** Gets what a 401 asks for, for {@link header} to give. False when there is nothing to answer with. */
  async answer(response: WireResponse, from: URL, scope: Scope, signal: AbortSignal | undefined): Promise<boolean> {
    const challenges = parseChallenges([response.headers["www-authenticate"] ?? []].flat().join(", "));
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    const credential = await this.credentials(scope.registry);
    if (bearer !== undefined) {
      // Calls at once share one token.
      const key = keyOf(scope);
      const token = this.fetching.get(key) ?? this.fetchToken(bearer, from, scope, credential, signal);
      this.fetching.set(key, token);
      this.tokens.set(key, await token.finally(() => this.fetching.delete(key)));
      return true;
    }
    if (!challenges.some(({ scheme }) => scheme === "basic") || credential === undefined || !("username" in credential))
      return false;
    this.tokens.set(keyOf(scope), { header: basic(credential), until: Number.POSITIVE_INFINITY });
    return true;
  }

  /** https://distribution.github.io/distribution/spec/auth/token/ and, for identity tokens, …/spec/auth/oauth/. */
  private async fetchToken(
    { parameters }: Challenge,
    from: URL,
    scope: Scope,
    credential: Credential | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Token> {
    const realm = realmOf(parameters.realm, from);
    const { service } = parameters;
    const names = scope.names.length > 0 ? scope.names : [parameters.scope ?? ""].filter((name) => name !== "");
    const asked = this.clock.monotonic();
    const response =
      credential !== undefined && "identityToken" in credential
        ? await this.wire.send(realm, {
            method: "POST",
            headers: { "content-type": "application/x-www-form-urlencoded" },
            body: new URLSearchParams({
              grant_type: "refresh_token",
              refresh_token: credential.identityToken,
              client_id: "slipway",
              scope: names.join(" "),
              ...(service === undefined ? {} : { service }),
            }).toString(),
            signal,
          })
        : await this.wire.send(withQuery(realm, service, names), {
            method: "GET",
            headers: credential === undefined ? {} : { authorization: basic(credential) },
            signal,
          });
    if (response.statusCode !== 200) {
      const refused = [400, 401, 403].includes(response.statusCode);
      const error = await registryError(response, realm.host, "a token");
      if (!refused) throw error;
      throw new SlipwayError(
        "unauthenticated",
        `${realm.host} gives no token for ${scope.registry}: the login is not accepted.`,
        {
          hint: `Log in, for example with \`docker login ${scope.registry}\`; ~/.docker/config.json is read.`,
          cause: error,
        },
      );
    }
    const { text, seconds } = tokenIn(await readUpTo(response, tokenBytes), realm);
    return { header: `Bearer ${text}`, until: asked + Math.max(seconds * 1000 - marginMs, seconds * 500) };
  }
}

function keyOf({ registry, names }: Scope): string {
  return `${registry} ${names.join(" ")}`;
}

function basic(credential: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString("base64")}`;
}

/** Where tokens come from. Credentials go there, so never over plain HTTP unless the registry itself is reached so. */
function realmOf(text: string | undefined, from: URL): URL {
  let realm: URL | undefined;
  try {
    realm = new URL(text ?? "");
  } catch {
    // Said below.
  }
  if (realm?.protocol === "https:" || (realm?.protocol === "http:" && from.protocol === "http:")) return realm;
  throw new SlipwayError("forbidden", `The registry ${from.host} asks for a token from an address that is not HTTPS.`, {
    hint: "Nothing was sent there. Ask whoever runs the registry.",
  });
}

function withQuery(realm: URL, service: string | undefined, names: readonly string[]): URL {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  for (const name of names) url.searchParams.append("scope", name);
  return url;
}

function tokenIn(body: Buffer, realm: URL): { text: string; seconds: number } {
  try {
    const { token, access_token, expires_in } = JSON.parse(body.toString("utf8")) as Record<string, unknown>;
    const text = token || access_token;
    // What goes into a header must be able to stand there.
    if (typeof text === "string" && /^[\x21-\x7e]+$/.test(text))
      return { text, seconds: typeof expires_in === "number" && expires_in > 0 ? expires_in : standardSeconds };
  } catch {
    // Said below.
  }
  throw new SlipwayError("unauthenticated", `${realm.host} answered without a token.`);
}
