import { z } from "zod";
import { bundleReference } from "../values/bundle-reference.ts";
import { imageByDigest } from "../values/image-by-digest.ts";

/** Why the API refuses `spec.source.path` and `uri`, and the way out. */
export const pathIsForTheCommand =
  "read by the slipway command only; use `slipway apply -f FILE`, or `slipway build -f FILE -o yaml` and apply what it prints";

/** The field that names a runnable image, of a Model and of a Revision. */
export const imageField = imageByDigest()
  .exactOptional()
  .describe(
    "The runnable image that holds the bundle: REPOSITORY@sha256:DIGEST, as `slipway push` prints it. A cluster needs it; one machine does not read it. Changing it makes a new revision.",
  );

const sourceFields = z.strictObject({
  bundle: bundleReference()
    .exactOptional()
    .describe("The bundle to serve: sha256:DIGEST, or NAME@sha256:DIGEST where the name is for people. The digest decides."),
  path: z
    .string()
    .min(1)
    .exactOptional()
    .describe(
      "A model directory, relative to the manifest. Only the slipway command reads it: it builds the directory and sends bundle instead. Never together with bundle or image.",
    ),
  uri: z
    .string()
    .min(1)
    .max(2048)
    .exactOptional()
    .describe(
      "Where the model is, in place of path: oci://REGISTRY/NAME:TAG, file:DIRECTORY, https://HOST/…/model.onnx, s3://BUCKET/PREFIX, hf://OWNER/NAME[@REVISION][/FOLDER], mlflow:NAME/VERSION or mlflow:NAME@ALIAS. Only the slipway command reads it: each time it looks what is there now, builds it, and sends bundle instead, so new bytes show in plan.",
    ),
  image: imageField,
  contract: z
    .string()
    .min(1)
    .max(16_384)
    .exactOptional()
    .describe(
      "What the bundle needs of where it runs, as JSON; the slipway command puts in what `slipway build` and `slipway measure` found. A replica that does not get it does not become ready, and says which line differs. Makes no new revision.",
    ),
  signatures: z
    .array(z.string().min(1).max(16_384))
    .max(10)
    .meta({ "x-kubernetes-list-type": "atomic" })
    .exactOptional()
    .describe(
      "Signatures of the bundle, each a Sigstore bundle as JSON. The slipway command puts in those that `slipway sign` made or a pull brought. They count where a trust policy asks for them, and make no new revision.",
    ),
});

/** Where a Model comes from. */
export const sourceSchema = sourceFields
  .superRefine((source, context) => {
    if (source.bundle !== undefined || source.path !== undefined || source.uri !== undefined) return;
    const message =
      "expected sha256: and 64 lower-case hexadecimal digits (in a file for the slipway command, path or uri may stand instead)";
    context.addIssue({ code: "custom", path: ["bundle"], message });
  })
  .meta({
    "x-kubernetes-validations": [
      { rule: "!has(self.path)", message: `a path is ${pathIsForTheCommand}` },
      { rule: "!has(self.uri)", message: `a uri is ${pathIsForTheCommand}` },
      { rule: "has(self.bundle) || has(self.path) || has(self.uri)", message: "bundle is required" },
    ],
  });
