import { type FileHandle, open } from "node:fs/promises";

/** A new file that is written from its start to its end and is on the disk when it is closed. */
export class NewFile {
  readonly location: string;
  private readonly handle: FileHandle;
  private at = 0;

  private constructor(location: string, handle: FileHandle) {
    this.location = location;
    this.handle = handle;
  }

  static async create(location: string): Promise<NewFile> {
    return new NewFile(location, await open(location, "wx", 0o444));
  }

  /** Bytes that have been appended. */
  get size(): number {
    return this.at;
  }

  async append(bytes: Buffer): Promise<void> {
    const from = this.at;
    this.at += bytes.length;
    for (let done = 0; done < bytes.length; )
      done += (await this.handle.write(bytes, done, bytes.length - done, from + done)).bytesWritten;
  }

  /** Closes it, after what was written has reached the disk. */
  async finish(): Promise<void> {
    await this.handle.sync();
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/** Writes a new file: `work` appends to it. What was written is on the disk before this ends. */
export async function writeNewFile<T>(location: string, work: (file: NewFile) => Promise<T>): Promise<T> {
  const file = await NewFile.create(location);
  try {
    const result = await work(file);
    await file.finish();
    return result;
  } finally {
    await file.close();
  }
}
