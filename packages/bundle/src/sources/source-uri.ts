import { SlipwayError } from "@slipway/base";

/** Where a model is that is no directory of this machine. */
export type SourceUri =
  | { readonly scheme: "oci"; readonly reference: string }
  | { readonly scheme: "file"; readonly path: string }
  | { readonly scheme: "https"; readonly url: URL }
  | { readonly scheme: "s3"; readonly bucket: string; readonly prefix: string }
  | { readonly scheme: "hf"; readonly repository: string; readonly revision: string; readonly folder: string }
  | { readonly scheme: "mlflow"; readonly model: string; readonly version?: string; readonly alias?: string };

const forms = {
  oci: "oci://REGISTRY/NAME:TAG",
  file: "file:DIRECTORY",
  https: "https://HOST/…/model.onnx",
  s3: "s3://BUCKET/PREFIX",
  hf: "hf://OWNER/NAME[@REVISION][/FOLDER]",
  mlflow: "mlflow:NAME/VERSION or mlflow:NAME@ALIAS",
} as const;

/** Whether a text names a source by a scheme, rather than a directory. */
export function isSourceUri(text: string): boolean {
  return /^(oci|file|https?|s3|hf|mlflow):/i.test(text);
}

/** Reads a source's address. Throws `invalid` with the form that is expected. */
export function parseSourceUri(text: string): SourceUri {
  const [, given = "", rest = ""] = /^([a-z][a-z0-9]*):(.*)$/is.exec(text) ?? [];
  const scheme = given.toLowerCase();
  const path = rest.replace(/^\/\//, "");
  switch (scheme) {
    case "oci":
      if (path !== "") return { scheme, reference: path };
      break;
    case "file":
      if (path !== "" && !/%/.test(path)) return { scheme, path };
      break;
    case "http":
    case "https": {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      if (url === undefined) break;
      if (url.username !== "" || url.password !== "")
        throw wrong("A source has no user and password in its address, where everybody who reads the manifest sees them.");
      if (url.protocol === "https:" || isLoopback(url)) return { scheme: "https", url };
      throw wrong(`${url.origin} is not HTTPS: anybody on the way could change the model.`, "Use https://.");
    }
    case "s3": {
      const [, bucket, prefix = ""] = /^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*?))?\/?$/.exec(path) ?? [];
      if (bucket !== undefined) return { scheme, bucket, prefix };
      break;
    }
    case "hf": {
      const [, repository, revision = "main", folder = ""] =
        /^(\w[\w.-]*\/\w[\w.-]*)(?:@(\w[\w.-]*))?(?:\/(.*?))?\/?$/.exec(path) ?? [];
      if (repository !== undefined && !folder.split("/").includes("..")) return { scheme, repository, revision, folder };
      break;
    }
    case "mlflow": {
      const [, model, version, alias] = /^([^/@]+)(?:\/(\d+)|@([\w-]+))$/.exec(path) ?? [];
      if (model !== undefined && version !== undefined) return { scheme, model, version };
      if (model !== undefined && alias !== undefined) return { scheme, model, alias };
      break;
    }
  }
  const known = Object.hasOwn(forms, scheme) ? forms[scheme as keyof typeof forms] : Object.values(forms).join(", ");
  throw wrong(`${JSON.stringify(text.slice(0, 200))} does not say where a model is; expected ${known}.`);
}

/** Whether a URL leads to this very machine, where plain HTTP is as good. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function wrong(message: string, hint?: string): SlipwayError {
  return new SlipwayError("invalid", message, hint === undefined ? {} : { hint });
}
