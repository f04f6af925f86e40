import { type MessagePort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { SlipwayError, toWireError } from "@slipway/base";
import { BlockReader, BlockWriter } from "../tensor-block.ts";
import { BlockRunner } from "./block-runner.ts";
import { type FromWorker, type OnnxWorkerData, replySlotBytes, replyState, type ToWorker } from "./onnx-messages.ts";
import { OnnxSession } from "./onnx-session.ts";

const { port, wake, modelFile, settings, maxOutputBytes } = workerData as OnnxWorkerData;

function send(message: FromWorker): void {
  port.postMessage(message, message instanceof ArrayBuffer ? [message] : []);
}

/** The next message; undefined for another block in the slot. Blocks this thread until there is one: that wakes it in half the time an event takes, and it has nothing else to do. */
function nextMessage(from: MessagePort, taken: number): ToWorker | undefined {
  Atomics.wait(wake, 0, taken);
  if (Atomics.exchange(wake, 1, 0) === 0) return undefined;
  return (receiveMessageOnPort(from) as { message: ToWorker }).message;
}

/** Wakes the other thread when it sleeps until there is a reply. */
function wakeSleeper(state: number): boolean {
  if (Atomics.compareExchange(wake, 2, replyState.awaited, state) !== replyState.awaited) return false;
  Atomics.notify(wake, 2);
  return true;
}

function serve(session: OnnxSession, replies: SharedArrayBuffer): void {
  const runner = new BlockRunner(session, maxOutputBytes);
  const writer = new BlockWriter();
  let slot = new SharedArrayBuffer(0);
  for (let taken = 0; ; taken = (taken + 1) | 0) {
    const message = nextMessage(port, taken);
    if (message === "close") return;
    if (message !== undefined) slot = message.slot;
    writer.begin();
    runner.run(new BlockReader(slot), writer);
    const { length } = writer;
    if (length <= replySlotBytes) {
      writer.writeTo(replies);
      if (!wakeSleeper(length)) send(length);
    } else {
      const memory = new ArrayBuffer(length);
      writer.writeTo(memory);
      send(memory);
      wakeSleeper(replyState.posted);
    }
  }
}

function main(): void {
  let session: OnnxSession;
  try {
    session = new OnnxSession(modelFile, settings);
  } catch (error) {
    send(
      error instanceof SlipwayError
        ? { refused: toWireError(error) }
        : { failed: error instanceof Error ? error.message : String(error) },
    );
    port.close();
    return;
  }
  const replies = new SharedArrayBuffer(replySlotBytes);
  send({ loaded: session.model, replies });
  serve(session, replies);
  session.close();
  port.close();
}

main();
