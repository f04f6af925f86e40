import type { ModelSignature } from "@slipway/protocol";

/** Kinds of frames to the worker; `slipway_worker/channel.py` has the same numbers. */
export const toPython = { load: 0, run: 1, runShared: 2, close: 3, signature: 4 } as const;

/** Kinds of frames from the worker. */
export const fromPython = { loaded: 0, reply: 1, replyShared: 2, refused: 3, log: 4 } as const;

/** Bytes of a frame's head: length of the payload, number of the block, kind, 0; each a little-endian uint32. Keeps the payload at a multiple of 8. */
export const headBytes = 16;

/** Blocks above this many bytes go through shared memory: below it a file costs more than the copies through a socket. */
export const sharedFrom = 64 * 1024;

/** What a worker loads. */
export interface PythonTask {
  /** Absolute path of the file with the class `Model`, or of the model that a handler of ours loads. */
  readonly entry: string;
  /** The handler of ours that loads the entry; null when the entry is a handler itself. */
  readonly handler: string | null;
  readonly parameters: Readonly<Record<string, string>>;
  readonly maxOutputBytes: number;
  readonly shared: { readonly folder: string; readonly from: number };
}

/** What a worker says of a model that it has loaded. */
export interface LoadedPython {
  /** From the type hints, with the names of free dimensions; null when they say nothing. */
  readonly signature: { readonly inputs: readonly HintedTensor[]; readonly outputs: readonly HintedTensor[] } | null;
  /** Whether several blocks may run at once. */
  readonly async: boolean;
}

/** A tensor as type hints have it. */
export type HintedTensor = ModelSignature["inputs"][number] & { readonly dimensions?: readonly string[] };
