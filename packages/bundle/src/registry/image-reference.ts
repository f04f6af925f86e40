import { SlipwayError } from "@slipway/base";
import { type Digest, isDigest } from "../manifest/digest.ts";

/** A place in a registry that holds images and bundles: `registry.example.org/team/digits`. */
export interface Repository {
  /** Host, with its port when it has one. */
  readonly registry: string;
  readonly name: string;
}

/** What to fetch from a repository: by digest when there is one, else by tag, else `latest`. */
export interface ImageReference extends Repository {
  readonly tag?: string;
  readonly digest?: Digest;
}

const mostCharacters = 512;
const hostGrammar = /^(?:\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([0-9]{1,5}))?$/;
const partGrammar = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const tagGrammar = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** Reads `REGISTRY/NAME[:TAG][@sha256:…]`. The registry is never guessed; throws `invalid` and says which part is wrong. */
export function parseReference(text: string): ImageReference {
  if (text.length > mostCharacters) throw refuse(text, `it has more than ${mostCharacters} characters`);
  const [before = "", digest, ...more] = text.split("@");
  if (more.length > 0) throw refuse(text, "it has more than one @");
  if (digest !== undefined && !isDigest(digest))
    throw refuse(text, "its digest is not sha256: and 64 lower-case hexadecimal digits");
  const colon = before.indexOf(":", before.lastIndexOf("/") + 1);
  // Without a slash the colon belongs to a port, and the name is missing.
  const tagged = colon >= 0 && before.includes("/");
  const tag = tagged ? before.slice(colon + 1) : undefined;
  if (tag !== undefined && !tagGrammar.test(tag)) throw refuse(text, "its tag has characters that tags cannot have");
  const repository = readRepository(text, tagged ? before.slice(0, colon) : before);
  return { ...repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** The text of a reference, as {@link parseReference} reads it. */
export function referenceText({ registry, name, tag, digest }: ImageReference): string {
  return `${registry}/${name}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

function readRepository(text: string, path: string): Repository {
  const [registry = "", ...parts] = path.split("/");
  const host = hostGrammar.exec(registry);
  if (host === null || Number(host[1] ?? 1) > 65535 || Number(host[1] ?? 1) === 0)
    throw refuse(text, "it does not begin with the host of a registry");
  if (!/[.:]/.test(registry) && registry !== "localhost")
    throw refuse(text, `"${registry}" is no host of a registry; name it in full, as in docker.io/library/debian`);
  if (parts.length === 0 || !parts.every((part) => partGrammar.test(part)))
    throw refuse(text, "its name must be lower-case letters, digits, dots, dashes and underscores between slashes");
  return { registry, name: parts.join("/") };
}

function refuse(text: string, why: string): SlipwayError {
  return new SlipwayError("invalid", `${JSON.stringify(text.slice(0, 200))} is not a reference of an image: ${why}.`, {
    hint: "Expected REGISTRY/NAME, REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:…, for example registry.example.org/team/digits:v1.",
  });
}
