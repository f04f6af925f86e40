import { z } from "zod";
import { coreApiVersion } from "../kinds/kind.ts";
import { objectMetaSchema } from "../meta/object-meta.ts";
import { base64Text } from "../values/base64.ts";

/** Confidential data by key, as Kubernetes' core/v1 Secret. `parse` moves `stringData` into `data`. */
export const secretSchema = z
  .strictObject({
    apiVersion: z.literal(coreApiVersion).describe("Version of this schema."),
    kind: z.literal("Secret").describe("The kind of this object."),
    metadata: objectMetaSchema,
    type: z.string().min(1).default("Opaque").describe("What kind of secret it is, for programs."),
    data: z.record(z.string(), base64Text()).exactOptional().describe("The data: base64 by key."),
    stringData: z
      .record(z.string(), z.string())
      .exactOptional()
      .describe("The same as plain text, for writing only: moved into data, where it wins over a key already there."),
    immutable: z.boolean().exactOptional().describe("When true, data cannot be changed; the secret can only be deleted."),
  })
  .describe("Confidential data by key.");

/** A Secret as a client may write it. */
export type SecretManifest = z.output<typeof secretSchema>;

/** A Secret as the API and the store have it. */
export type Secret = Omit<SecretManifest, "stringData">;
