import { z } from "zod";
import { cidr } from "../values/cidr.ts";
import { wholeNumber } from "../values/whole-number.ts";

const egressSchema = z.strictObject({
  cidr: cidr().describe(
    "A network, such as 10.1.0.0/16. Network policies know addresses only, no host names; a cloud's metadata service is always left out.",
  ),
  ports: z
    .array(wholeNumber().min(1).max(65_535).describe("A port."))
    .min(1)
    .max(32)
    .meta({ description: "Ports there that replicas may connect to.", "x-kubernetes-list-type": "set" }),
  protocol: z.enum(["TCP", "UDP"]).default("TCP").describe("Transport of these ports."),
});

/** What replicas may connect to. */
export const networkSchema = z.strictObject({
  egress: z.array(egressSchema).max(64).exactOptional().meta({
    description: "Networks that replicas may connect to, beside the cluster's DNS. Nothing else when not set.",
    "x-kubernetes-list-type": "atomic",
  }),
});

/** See {@link networkSchema}. */
export type Network = z.output<typeof networkSchema>;
