export { Authority, type Leaf, type LeafRequest } from "./certificate/authority.ts";
export { issueLoopbackCertificate, type LoopbackCertificate } from "./certificate/issue-loopback-certificate.ts";
export { type AnswerHeaders, Exchange } from "./exchange/exchange.ts";
export type { ResponseStream } from "./exchange/response-stream.ts";
export type { AccessRule, Handler, Limits, Method, Route, User } from "./route/route.ts";
export { type AllowedHosts, loopbackHosts } from "./safety/check-request.ts";
export type { HttpCounters, HttpServer, HttpServerOptions, Listen, RenderedError, Timeouts } from "./server/http-server.ts";
export { renderPlainError } from "./server/render-error.ts";
export { startHttpServer } from "./server/start-http-server.ts";
