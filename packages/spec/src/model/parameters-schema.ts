import { z } from "zod";

/** Parameters of a model: free text by key. */
export const parametersSchema = z.record(z.string().min(1).max(253), z.string());
