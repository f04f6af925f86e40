// P16's measure: the least a Node program must do to answer once over HTTP. `MODEL_FILE`; in JavaScript, because taking the types out of TypeScript takes time too.
import { createServer } from "node:http";
import { InferenceSession, Tensor } from "onnxruntime-node";

const session = await InferenceSession.create(process.argv[2], { intraOpNumThreads: 1, interOpNumThreads: 1 });
const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8").on("data", (text) => {
    body += text;
  });
  request.on("end", async () => {
    const [input] = JSON.parse(body).inputs;
    const { y } = await session.run({ x: new Tensor("float32", Float32Array.from(input.data), input.shape) });
    const outputs = [{ name: "y", datatype: "FP32", shape: y.dims, data: Array.from(y.data) }];
    response.setHeader("content-type", "application/json").end(JSON.stringify({ model_name: "model", outputs }));
  });
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}/` })));
