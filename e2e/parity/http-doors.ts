import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { systemClock } from "@slipway/base";
import { type ClusterConnection, connectCluster, readKubeconfig } from "@slipway/kubernetes";
import type { ApiRequest, GatewayRequest, HttpAnswer } from "@slipway/testkit";

const timeoutMs = 60_000;

/** A place's control API and gateway, reached in the same way wherever they are: by a kubeconfig and an address. */
export class HttpDoors {
  private readonly connection: ClusterConnection;
  private readonly address: string;
  private readonly headers: Readonly<Record<string, string>>;

  private constructor(connection: ClusterConnection, address: string, headers: Readonly<Record<string, string>>) {
    this.connection = connection;
    this.address = address;
    this.headers = headers;
  }

  /** `headers` go with every request to the gateway. */
  static async open(
    kubeconfig: string,
    gateway: string,
    headers: Readonly<Record<string, string>> = {},
    context?: string,
  ): Promise<HttpDoors> {
    const file = { text: readFileSync(kubeconfig, "utf8"), directory: dirname(kubeconfig) };
    const access = readKubeconfig([file], context === undefined ? {} : { context });
    return new HttpDoors(await connectCluster(access, { clock: systemClock }), gateway, headers);
  }

  async api({ method, path, contentType, body }: ApiRequest): Promise<HttpAnswer> {
    const response = await this.connection.fetch(`${this.connection.baseUrl}${path}`, {
      method,
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": contentType ?? "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, body: parsed(await response.text()) };
  }

  async gateway({ method, path, body }: GatewayRequest): Promise<HttpAnswer> {
    const response = await fetch(`${this.address}${path}`, {
      method,
      headers: { ...this.headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, body: parsed(await response.text()) };
  }

  async close(): Promise<void> {
    await this.connection.close();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
