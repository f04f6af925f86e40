import { type FileHandle, open, stat } from "node:fs/promises";
import type { Clock } from "@slipway/base";
import { LineSplitter } from "./line-splitter.ts";
import { keptLogs } from "./rotate-log.ts";

/** Which lines of a log. */
export interface ReadLogOptions {
  /** The log; its rotated files lie beside it. */
  readonly path: string;
  /** Only the last so many lines of what is there. Default: all that is kept. */
  readonly tail?: number;
  /** Goes on with what is written from now on, until the signal aborts; also when there is no such log yet. */
  readonly follow?: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const pollMs = 200;
const chunkBytes = 64 * 1024;

/** The lines of a log, without line ends, oldest first; rotation in between loses and repeats none. */
export async function* readLog(options: ReadLogOptions): AsyncIterable<string> {
  const { path, signal } = options;
  const lines = new LineSplitter();
  const { handles, rotated } = await openAll(path);
  let position = 0;
  try {
    let skip = options.tail === undefined ? 0 : await bytesBefore(handles, options.tail);
    for (const { file, size, current } of handles) {
      const from = Math.min(skip, size);
      skip -= from;
      for await (const chunk of readBetween(file, from, size)) {
        if (signal.aborted) return;
        yield* lines.push(chunk);
      }
      if (current) position = size;
    }
  } finally {
    for (const { file } of handles) await file.close();
  }
  if (options.follow === true) yield* follow(options, lines, position, rotated);
  else yield* lines.end();
}

async function* follow(options: ReadLogOptions, lines: LineSplitter, start: number, startRotated: number): AsyncIterable<string> {
  const { path, clock, signal } = options;
  let position = start;
  let rotated = startRotated;
  let shorterSince = 0;
  while (!signal.aborted) {
    const newest = await newestRotated(path);
    if (newest !== rotated) {
      // What was not read before the cut is in the copy, at the same place.
      yield* readRest(`${path}.1`, position, lines);
      position = 0;
      rotated = newest;
    }
    const size = (await stat(path).catch(() => undefined))?.size ?? 0;
    if (size < position) {
      // Cut, but the copy has not got its name yet; if it never does, the copy was dropped.
      if (shorterSince++ > 0) position = 0;
    } else {
      shorterSince = 0;
      position += yield* readRest(path, position, lines);
    }
    await clock.sleep(pollMs, signal).catch(() => {});
  }
}

/** Yields the lines after `position`; returns how many bytes were read. */
async function* readRest(path: string, position: number, lines: LineSplitter): AsyncGenerator<string, number> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return 0;
  let read = 0;
  try {
    for await (const chunk of readBetween(file, position, (await file.stat()).size)) {
      read += chunk.length;
      yield* lines.push(chunk);
    }
  } finally {
    await file.close();
  }
  return read;
}

interface LogFile {
  readonly file: FileHandle;
  readonly size: number;
  /** The log itself, not a rotated file. */
  readonly current: boolean;
}

/** The log and its rotated files, oldest first, all from between two rotations. */
async function openAll(path: string): Promise<{ handles: LogFile[]; rotated: number }> {
  for (;;) {
    const rotated = await newestRotated(path);
    const handles: LogFile[] = [];
    for (let index = keptLogs; index >= 0; index--) {
      const file = await open(index === 0 ? path : `${path}.${index}`, "r").catch(() => undefined);
      if (file !== undefined) handles.push({ file, size: (await file.stat()).size, current: index === 0 });
    }
    if (rotated === (await newestRotated(path))) return { handles, rotated };
    for (const { file } of handles) await file.close();
  }
}

/** How many bytes come before the last `tail` lines of the files taken together; reads from the end. */
async function bytesBefore(files: readonly LogFile[], tail: number): Promise<number> {
  let before = files.reduce((sum, { size }) => sum + size, 0);
  // The end of the last line is no beginning of another.
  let wanted = tail;
  let atEnd = true;
  for (const { file, size } of files.toReversed()) {
    const start = before - size;
    for (let end = size; end > 0; ) {
      const from = Math.max(0, end - chunkBytes);
      const { buffer } = await file.read(Buffer.alloc(end - from), 0, end - from, from);
      for (let index = buffer.length - 1; index >= 0; index--) {
        const isEnd = buffer[index] === 10;
        if (isEnd && !atEnd && --wanted === 0) return start + from + index + 1;
        if (wanted <= 0) return before;
        atEnd = false;
      }
      end = from;
    }
    before = start;
  }
  return 0;
}

async function* readBetween(file: FileHandle, from: number, to: number): AsyncGenerator<Buffer> {
  for (let position = from; position < to; ) {
    const length = Math.min(chunkBytes, to - position);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Changes with every rotation. */
async function newestRotated(path: string): Promise<number> {
  return (await stat(`${path}.1`).catch(() => undefined))?.ino ?? 0;
}
