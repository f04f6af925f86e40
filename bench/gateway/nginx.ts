import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../load/free-ports.ts";
import { PinnedProcess } from "../load/pinned-process.ts";
import type { Server } from "../serving/server.ts";

/** The version of the NGINX of this machine; undefined when it has none. */
export function nginxVersion(): string | undefined {
  return /nginx\/(\S+)/.exec(spawnSync("nginx", ["-v"], { encoding: "utf8" }).stderr ?? "")?.[1];
}

/** NGINX as a reverse proxy in front of a server, with kept connections on both sides and no log of requests. */
export async function startNginx(behind: Server, folder: string): Promise<Server> {
  const [port] = await freePorts(1);
  const file = join(folder, "nginx.conf");
  writeFileSync(
    file,
    `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr;
events { worker_connections 1024; }
http {
  access_log off;
  client_max_body_size 64m;
  client_body_buffer_size 4m;
  client_body_temp_path ${folder}/nginx-body;
  proxy_temp_path ${folder}/nginx-proxy;
  fastcgi_temp_path ${folder}/nginx-1;
  uwsgi_temp_path ${folder}/nginx-2;
  scgi_temp_path ${folder}/nginx-3;
  keepalive_requests 100000000;
  upstream model { server ${new URL(behind.origin).host}; keepalive 64; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://model;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host ${new URL(behind.origin).host};
      proxy_buffers 16 64k;
    }
  }
}
`,
  );
  const process = PinnedProcess.start(["nginx", "-p", folder, "-e", "stderr", "-c", file]);
  return { ...behind, name: "NGINX", process, origin: `http://127.0.0.1:${port}` };
}
