# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = [
#   "numpy==2.4.6",
#   "scikit-learn==1.9.1",
#   "onnx==1.23.2",
#   "onnxruntime==1.32.0",
# ]
# ///
"""Trains two versions of a handwritten-digit classifier and writes everything Slipway's demo and tests read.

Run: uv run train.py [DIRECTORY]   (default: the directory of this file)

Data: scikit-learn's copy of "Optical Recognition of Handwritten Digits" (UCI), 1,797 images of 8x8 pixels, 0..16.
A fifth of them is held out before anything is trained and never used for training or for choosing anything.
"""

import json
import os
import sys
import warnings
from pathlib import Path

# Fixed before numpy loads: the same kernels and one thread give the same bits on every x86-64 machine with AVX2.
os.environ |= {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
os.environ |= {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR"}
warnings.filterwarnings("ignore", message="During parsing environment variable")  # on machines without those features
warnings.filterwarnings("ignore", message="Stochastic Optimizer")  # v1 stops early on purpose

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

SEED = 20260101
OPSET, IR_VERSION = 17, 8  # old enough for every ONNX Runtime of the last years
VERSIONS = {
    "v1": MLPClassifier(hidden_layer_sizes=(16,), max_iter=70, random_state=SEED),
    "v2": MLPClassifier(hidden_layer_sizes=(160, 96), alpha=1e-2, max_iter=200, random_state=SEED),
}


def to_onnx(network: MLPClassifier) -> onnx.ModelProto:
    """image [batch,64] of 0..16 -> label [batch] and probabilities [batch,10], in plain ONNX operators."""
    nodes = [helper.make_node("Mul", ["image", "scale"], ["x0"])]
    weights = [numpy_helper.from_array(np.float32(1 / 16), "scale")]
    last = len(network.coefs_) - 1
    for i, (weight, bias) in enumerate(zip(network.coefs_, network.intercepts_)):
        weights.append(numpy_helper.from_array(weight.astype(np.float32), f"weight{i}"))
        weights.append(numpy_helper.from_array(bias.astype(np.float32), f"bias{i}"))
        nodes.append(helper.make_node("Gemm", [f"x{i}", f"weight{i}", f"bias{i}"], [f"z{i}"]))
        if i < last:
            nodes.append(helper.make_node("Relu", [f"z{i}"], [f"x{i + 1}"]))
    nodes.append(helper.make_node("Softmax", [f"z{last}"], ["probabilities"], axis=1))
    nodes.append(helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0))
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 64])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, ["batch"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 10]),
        ],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    model.producer_name = model.producer_version = ""  # nothing in the file may depend on who wrote it
    onnx.checker.check_model(model, full_check=True)
    return model


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, separators=(",", ":")) + "\n")


def rounded(probabilities: np.ndarray) -> list:
    return [round(float(p), 8) for p in probabilities.ravel()]


def sample(session: onnxruntime.InferenceSession, images: np.ndarray) -> dict:
    """A golden sample: a request of the Open Inference Protocol, and the answer ONNX Runtime gave here."""
    label, probabilities = session.run(["label", "probabilities"], {"image": images})
    n = len(images)
    return {
        "request": {"inputs": [{"name": "image", "datatype": "FP32", "shape": [n, 64], "data": [int(p) for p in images.ravel()]}]},
        "response": {
            "model_name": "digits",
            "outputs": [
                {"name": "label", "datatype": "INT64", "shape": [n], "data": label.tolist()},
                {"name": "probabilities", "datatype": "FP32", "shape": [n, 10], "data": rounded(probabilities)},
            ],
        },
    }


def main() -> None:
    out = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    digits = load_digits()
    images, labels = digits.data.astype(np.float32), digits.target
    train_x, held_x, train_y, held_y = train_test_split(images, labels, test_size=0.2, stratify=labels, random_state=SEED)
    write_json(out / "data" / "heldout.json", {"images": held_x.astype(int).tolist(), "labels": held_y.tolist()})
    one = {"inputs": [{"name": "image", "datatype": "FP32", "shape": [1, 64], "data": held_x[3].astype(int).tolist()}]}
    write_json(out / "data" / "request.json", one)

    for version, network in VERSIONS.items():
        network.fit(train_x / 16, train_y)
        content = to_onnx(network).SerializeToString(deterministic=True)
        (out / version).mkdir(parents=True, exist_ok=True)
        (out / version / "model.onnx").write_bytes(content)

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        extremes = np.stack([np.zeros(64, np.float32), np.full(64, 16, np.float32)])
        for name, chosen in {"single": train_x[:1], "batch": train_x[1:5], "extremes": extremes}.items():
            write_json(out / version / "samples" / f"{name}.json", sample(session, chosen))

        label, probabilities = session.run(["label", "probabilities"], {"image": held_x})
        accuracy = float((label == held_y).mean())
        write_json(
            out / "reference" / f"{version}.json",
            {"accuracy": round(accuracy, 6), "labels": label.tolist(), "probabilities": [rounded(row) for row in probabilities]},
        )
        print(f"{version}: {len(content):,} bytes, {accuracy:.1%} of {len(held_y)} held-out images right")


if __name__ == "__main__":
    main()
