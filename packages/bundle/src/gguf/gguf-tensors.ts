import { type GgufReader, MalformedGguf } from "./gguf-reader.ts";
import { tensorTypes } from "./tensor-types.ts";

/** A tensor as the head of a file describes it. */
export interface GgufTensorInfo {
  readonly name: string;
  /** Bytes that its elements take. */
  readonly bytes: number;
  /** From where the tensors begin. */
  readonly offset: number;
}

/** ggml's own limit, with the zero at its end. */
const mostNameBytes = 63;
const mostDimensions = 4;
const mostElements = 2 ** 42;

/** The descriptions of tensors. Throws {@link MalformedGguf}. */
export function readTensors(reader: GgufReader, count: number): GgufTensorInfo[] {
  const names = new Set<string>();
  return Array.from({ length: count }, () => {
    const name = reader.text(mostNameBytes, "the name of a tensor");
    if (names.has(name)) throw new MalformedGguf(`it has the tensor ${JSON.stringify(name)} twice`);
    names.add(name);
    return readTensor(reader, name);
  });
}

function readTensor(reader: GgufReader, name: string): GgufTensorInfo {
  const quoted = JSON.stringify(name);
  const rank = reader.u32();
  if (rank < 1 || rank > mostDimensions) throw new MalformedGguf(`the tensor ${quoted} has ${rank} dimensions`);
  let elements = 1;
  let row = 1;
  for (let index = 0; index < rank; index += 1) {
    const size = reader.count(mostElements, `elements for the tensor ${quoted}`);
    if (index === 0) row = size;
    elements *= size;
    if (size === 0 || elements > mostElements) throw new MalformedGguf(`the tensor ${quoted} has an impossible shape`);
  }
  const type = reader.u32();
  const layout = tensorTypes[type];
  if (layout === undefined) throw new MalformedGguf(`the tensor ${quoted} has the type ${type}, which is not known`);
  const [block, blockBytes] = layout;
  if (row % block !== 0) throw new MalformedGguf(`the rows of the tensor ${quoted} are not whole blocks of ${block}`);
  const bytes = (elements / block) * blockBytes;
  return { name, bytes, offset: reader.count(Number.MAX_SAFE_INTEGER, `bytes before the tensor ${quoted}`) };
}

/** Throws {@link MalformedGguf} unless every tensor lies inside the file, aligned, and no two share a byte. */
export function checkTensors(
  tensors: readonly GgufTensorInfo[],
  place: { readonly headEnd: number; readonly size: number; readonly alignment: number },
): void {
  if (tensors.length === 0) throw new MalformedGguf("it has no tensors");
  const { alignment, size } = place;
  const start = Math.ceil(place.headEnd / alignment) * alignment;
  let end = 0;
  for (const { name, bytes, offset } of tensors.toSorted((a, b) => a.offset - b.offset)) {
    const quoted = JSON.stringify(name);
    if (offset % alignment !== 0) throw new MalformedGguf(`the tensor ${quoted} is not at a multiple of ${alignment} bytes`);
    if (offset < end) throw new MalformedGguf(`the tensor ${quoted} shares bytes with another`);
    end = offset + bytes;
    if (start + end > size) throw new MalformedGguf(`the tensor ${quoted} ends at byte ${start + end}, and the file at ${size}`);
  }
}
