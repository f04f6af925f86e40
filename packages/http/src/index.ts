export { Authority, type Leaf, type LeafRequest } from "./certificate/authority.ts";
export { issueLoopbackCertificate, type LoopbackCertificate } from "./certificate/issue-loopback-certificate.ts";
export { acceptedEncoding } from "./encoding/accepted-encoding.ts";
export { compressBody, compressBytes } from "./encoding/compress-body.ts";
export { type ContentEncoding, contentEncoding } from "./encoding/content-encoding.ts";
export { type InflateOptions, inflateWhole } from "./encoding/inflate-body.ts";
export { type AnswerBody, type AnswerHeaders, Exchange, type LeaveWatcher } from "./exchange/exchange.ts";
export type { ResponseStream } from "./exchange/response-stream.ts";
export type { GrpcCall, GrpcMethod, GrpcOptions, MessageBytes, MessageStream } from "./grpc/grpc-method.ts";
export { type HealthServerOptions, metricsType, startHealthServer } from "./health/start-health-server.ts";
export type { AccessRule, EncodedBodies, Handler, Limits, Method, Route, User } from "./route/route.ts";
export { type AllowedHosts, loopbackHosts } from "./safety/check-request.ts";
export type {
  HttpCounters,
  HttpServer,
  HttpServerOptions,
  Listen,
  RenderedError,
  ServerCertificate,
  Timeouts,
} from "./server/http-server.ts";
export { renderPlainError } from "./server/render-error.ts";
export { startHttpServer } from "./server/start-http-server.ts";
export { connectTls } from "./tls/connect-tls.ts";
export { listenTls, type TlsListener, type TlsListenOptions } from "./tls/listen-tls.ts";
export { tlsFailure } from "./tls/tls-failure.ts";
export { TlsFiles } from "./tls/tls-files.ts";
export { TlsIdentity } from "./tls/tls-identity.ts";
export type { TlsCredentials, TlsSource } from "./tls/tls-source.ts";
