import { createHash, randomFillSync } from "node:crypto";
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { echoModel } from "../../e2e/harness/onnx-file.ts";

const mebibyte = 2 ** 20;

/** A model directory of a given size: weights that do not compress, a file of a megabyte that can change alone, and small ones. */
export class BundleDirectory {
  readonly path: string;
  /** Bytes of the weights. */
  readonly weights: number;
  private readonly seed: string;

  constructor(path: string, totalBytes: number, seed: string) {
    this.path = path;
    this.weights = Math.floor((totalBytes - mebibyte) / mebibyte) * mebibyte;
    this.seed = seed;
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "model.onnx"), echoModel("FP32"));
    writeFileSync(join(path, "labels.txt"), "yes\nno\n");
    this.writeWeights();
    this.changeVocabulary(0);
  }

  /** Gives the file of one megabyte other content. */
  changeVocabulary(version: number): void {
    const block = createHash("sha512").update(`${this.seed} vocabulary ${version}`).digest();
    writeFileSync(join(this.path, "vocabulary.bin"), Buffer.alloc(mebibyte, block));
  }

  /** Changes a share of the weights in place, in pieces of a megabyte that lie far from each other; gives the bytes changed. */
  fineTune(share: number): number {
    const pieces = Math.max(1, Math.round((this.weights * share) / mebibyte));
    const file = openSync(join(this.path, "weights.bin"), "r+");
    for (let piece = 0; piece < pieces; piece++)
      writeSync(file, randomFillSync(Buffer.allocUnsafe(mebibyte)), 0, mebibyte, Math.floor((piece * this.weights) / pieces));
    closeSync(file);
    return pieces * mebibyte;
  }

  private writeWeights(): void {
    const file = openSync(join(this.path, "weights.bin"), "w");
    const block = Buffer.allocUnsafe(8 * mebibyte);
    for (let at = 0; at < this.weights; at += block.length)
      writeSync(file, randomFillSync(block), 0, Math.min(block.length, this.weights - at), at);
    closeSync(file);
  }
}
