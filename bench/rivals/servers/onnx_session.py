"""What every rival runs: the model of the benchmark through ONNX Runtime with one thread inside an operator."""

import os

import onnxruntime


def open_session(path=None):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path or os.environ["BENCH_MODEL"], options, providers=["CPUExecutionProvider"])
