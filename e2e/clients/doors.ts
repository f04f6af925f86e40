import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { TestPlatform } from "../harness/platform.ts";
import { ScratchFolder } from "../harness/scratch-folder.ts";
import { fixtureModel, ServedModel } from "../harness/served-model.ts";

/** A place where a client finds the conformance suite's model. */
export interface Door {
  readonly url: string;
  /** HOST:PORT, of HTTP and of gRPC. */
  readonly address: string;
  readonly model: string;
  /** Whether models are declared there, and so not loaded and unloaded by requests. */
  readonly declared: boolean;
}

/** Both doors: `slipway serve` and the gateway of a platform. */
export class Doors {
  readonly serve: Door;
  readonly gateway: Door;
  private readonly served: ServedModel;
  private readonly platform: TestPlatform;
  private readonly scratch: ScratchFolder;

  private constructor(served: ServedModel, platform: TestPlatform, scratch: ScratchFolder) {
    this.served = served;
    this.platform = platform;
    this.scratch = scratch;
    this.serve = { url: served.url, address: new URL(served.url).host, model: served.model, declared: false };
    const { host } = new URL(platform.gateway);
    this.gateway = { url: platform.gateway, address: host, model: "every-type", declared: true };
  }

  static async open(): Promise<Doors> {
    const scratch = await ScratchFolder.create();
    const path = await scratch.modelDirectory("every-type", readFileSync(fixtureModel("every-type")));
    const platform = await TestPlatform.up();
    const text = `apiVersion: slipway.dev/v1alpha1\nkind: Model\nmetadata: { name: every-type }\nspec: { source: { path: ${path} } }\n`;
    const applied = await platform.slipway(["apply", "-f", "-", "--wait"], text);
    assert.equal(applied.code, 0, applied.stderr);
    return new Doors(await ServedModel.start(fixtureModel("every-type")), platform, scratch);
  }

  async close(): Promise<void> {
    await this.served.stop();
    await this.platform.destroy();
    await this.scratch.remove();
  }
}
