const signatures: readonly (readonly [name: string, matches: (head: Buffer) => boolean])[] = [
  ["a Python pickle (scikit-learn, joblib or PyTorch)", (head) => head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5],
  ["a zip archive (PyTorch's .pt, Keras or .npz)", startsWith("PK\x03\x04")],
  ["an HDF5 file (Keras)", startsWith("\x89HDF\r\n\x1a\n")],
  ["a NumPy array", startsWith("\x93NUMPY")],
  ["a gzip archive", startsWith("\x1f\x8b")],
  ["a zlib stream (joblib)", (head) => head[0] === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(head[1]!)],
  ["a GGUF file (llama.cpp)", startsWith("GGUF")],
  ["a TensorFlow Lite file", (head) => head.length > 8 && head.readUInt16LE(2) === 0 && head.toString("latin1", 4, 8) === "TFL3"],
  ["a safetensors file", (head) => head.length > 8 && head.readUInt32LE(4) === 0 && head[8] === 0x7b],
  ["a Git LFS pointer, not the file it stands for (run `git lfs pull`)", startsWith("version https://git-lfs")],
  ["JSON or another text", (head) => /^\s*[{[<]/.test(head.toString("latin1", 0, 64))],
];

function startsWith(text: string): (head: Buffer) => boolean {
  return (head) => head.toString("latin1", 0, text.length) === text;
}

/** How many bytes {@link foreignFormat} looks at. */
export const foreignHead = 64;

/** The name of the format a file really has, by its first bytes and never by its name; undefined when it may be ONNX. */
export function foreignFormat(head: Buffer): string | undefined {
  return signatures.find(([, matches]) => matches(head))?.[0];
}
