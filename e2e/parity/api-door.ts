import type { ClusterConnection } from "@slipway/kubernetes";
import type { ApiRequest, HttpAnswer } from "@slipway/testkit";
import { connectKubeconfig } from "../harness/connect-kubeconfig.ts";
import { jsonOrText } from "./json-or-text.ts";

const timeoutMs = 60_000;

/** A place's control API, reached in the same way wherever it is: by a kubeconfig. */
export class ApiDoor {
  private readonly connection: ClusterConnection;

  private constructor(connection: ClusterConnection) {
    this.connection = connection;
  }

  static async open(kubeconfig: string): Promise<ApiDoor> {
    return new ApiDoor(await connectKubeconfig(kubeconfig));
  }

  async call({ method, path, contentType, body }: ApiRequest): Promise<HttpAnswer> {
    const response = await this.connection.fetch(`${this.connection.baseUrl}${path}`, {
      method,
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": contentType ?? "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, body: jsonOrText(await response.text()) };
  }

  async close(): Promise<void> {
    await this.connection.close();
  }
}
