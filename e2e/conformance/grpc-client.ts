/** placeholder */
export interface GrpcClient {
  close(): void;
}
