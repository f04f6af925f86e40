import { contractDifferences, decodeContract, demandContract, differenceText, type Machine, readMachine } from "@slipway/bundle";
import { type RunnerOffers, runnerTable } from "@slipway/serve";
import type { Model } from "@slipway/spec";
import { quantityBytes } from "@slipway/spec/values";

/** Throws `invalid`, as a model that can never start here, when this machine does not keep the contract of a bundle; without one it does. */
export async function demandEnvironment(
  contract: string | undefined,
  { format, memoryBytes }: { readonly format: keyof typeof runnerTable; readonly memoryBytes?: number },
): Promise<void> {
  if (contract === undefined) return;
  const offers = await runnerTable[format].offers?.();
  demandContract(decodeContract(contract), {
    ...readMachine(),
    ...offers,
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  });
}

/** The lines of a contract that replicas of a Model would find unmet on a machine, in words. */
export async function unmetLines(contract: string, model: Model, machine: Machine): Promise<string[]> {
  const { memory } = model.spec.resources;
  const all = await Promise.all(Object.values(runnerTable).map(({ offers }) => offers?.()));
  // Which runner it will be is in the bundle, which need not be here; domains and libraries of different runners have different names.
  const offers: RunnerOffers = {
    operatorSets: Object.assign({}, ...all.map((each) => each?.operatorSets)),
    libraries: Object.assign({}, ...all.map((each) => each?.libraries)),
  };
  const place = { ...machine, ...offers, ...(memory === undefined ? {} : { memoryBytes: quantityBytes(memory) }) };
  return contractDifferences(decodeContract(contract).needs, place).map(
    (each) => `the bundle's contract does not hold: ${differenceText(each)}`,
  );
}
