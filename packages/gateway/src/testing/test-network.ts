import { TlsIdentity } from "@slipway/http";
import { gatewayServerName, operatorServerName, replicaServerName } from "@slipway/protocol";
import { TestAuthority } from "@slipway/testkit";

/** Who is who in a network: one authority, and what gateway, operator and the replicas of `default/digits` prove themselves with. */
export interface TestNetwork {
  readonly authority: TestAuthority;
  readonly gateway: TlsIdentity;
  readonly operator: TlsIdentity;
  readonly replicas: TlsIdentity;
}

/** The certificate of the replicas of `default/digits`: servers, never clients. */
export const digitsReplica = { name: replicaServerName("default", "digits"), usage: ["server"] } as const;

/** Makes a {@link TestNetwork}. */
export async function testNetwork(): Promise<TestNetwork> {
  const authority = await TestAuthority.create();
  return {
    authority,
    gateway: new TlsIdentity(await authority.issue({ name: gatewayServerName })),
    operator: new TlsIdentity(await authority.issue({ name: operatorServerName, usage: ["server"] })),
    replicas: new TlsIdentity(await authority.issue(digitsReplica)),
  };
}
