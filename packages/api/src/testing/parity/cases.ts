import type { Case } from "./case.ts";
import { applyCases } from "./cases/apply.ts";
import { clusterCases } from "./cases/cluster.ts";
import { coreCases } from "./cases/core.ts";
import { deletionCases } from "./cases/deletion.ts";
import { readCases } from "./cases/read.ts";
import { subresourceCases } from "./cases/subresource.ts";
import { validationCases } from "./cases/validation.ts";
import { writeCases } from "./cases/write.ts";

/** All cases by topic; a topic's recording is `recordings/TOPIC.json`. */
export const topics: Readonly<Record<string, readonly Case[]>> = {
  apply: applyCases,
  write: writeCases,
  subresource: subresourceCases,
  deletion: deletionCases,
  validation: validationCases,
  read: readCases,
  core: coreCases,
  cluster: clusterCases,
};
