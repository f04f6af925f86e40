import { z } from "zod";
import { quantity } from "../values/quantity-schema.ts";

/** Limits of one replica. Both are optional and have no default. */
export const resourcesSchema = z.strictObject({
  cpu: quantity({ least: "1m", unit: "cores", example: "500m" })
    .exactOptional()
    .describe("CPU each replica may use, in cores: 500m is half a core. At least 1m."),
  memory: quantity({ least: "1Mi", unit: "bytes", example: "256Mi", whole: true })
    .exactOptional()
    .describe("Memory each replica may use, in bytes: 256Mi. At least 1Mi."),
});

/** See {@link resourcesSchema}. */
export type Resources = z.output<typeof resourcesSchema>;
