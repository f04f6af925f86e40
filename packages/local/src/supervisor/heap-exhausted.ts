import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** What V8 writes to standard error before it aborts; the kernel knows nothing of it. */
const sign = "JavaScript heap out of memory";
const endBytes = 16 * 1024;

/** Whether the end of a process's log says that JavaScript's heap was full. Asked only after an abort. */
export function heapExhausted(logPath: string): boolean {
  let file: number | undefined;
  try {
    file = openSync(logPath, "r");
    const end = Buffer.alloc(endBytes);
    const read = readSync(file, end, 0, endBytes, Math.max(0, fstatSync(file).size - endBytes));
    return end.toString("latin1", 0, read).includes(sign);
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
