"""Blocks of requests into arrays, and arrays into blocks of replies: the layout of `tensor-block.ts`."""
import json
import mmap
import os
import struct

from .channel import RUN


class Part:
    __slots__ = ("inputs", "wanted", "rows")

    def __init__(self, inputs, wanted, rows):
        self.inputs = inputs
        self.wanted = wanted
        self.rows = rows

    def halves(self):
        middle = len(self.rows) // 2
        cut = sum(self.rows[:middle])
        first = {name: array[:cut] for name, array in self.inputs.items()}
        second = {name: array[cut:] for name, array in self.inputs.items()}
        return Part(first, self.wanted, self.rows[:middle]), Part(second, self.wanted, self.rows[middle:])


class Blocks:
    """Blocks of requests into arrays, and arrays into blocks of replies."""

    def __init__(self, numpy, signature, most_bytes, shared):
        self.numpy = numpy
        self.inputs = signature["inputs"]
        self.outputs = signature["outputs"]
        self.most_bytes = most_bytes
        self.shared = shared
        self.files = 0
        self.types = {
            "BOOL": numpy.bool_, "UINT8": numpy.uint8, "UINT16": numpy.uint16, "UINT32": numpy.uint32, "UINT64": numpy.uint64,
            "INT8": numpy.int8, "INT16": numpy.int16, "INT32": numpy.int32, "INT64": numpy.int64,
            "FP16": numpy.float16, "FP32": numpy.float32, "FP64": numpy.float64, "BYTES": numpy.object_,
        }  # fmt: skip

    def open(self, kind, payload):
        if kind == RUN:
            return payload
        path = bytes(payload).decode()
        with open(path, "r+b") as file:
            memory = mmap.mmap(file.fileno(), 0)
        # The pages live as long as an array of them does.
        os.unlink(path)
        return memory

    def parts(self, memory):
        """The parts of a block of requests."""
        (count,) = struct.unpack_from("<d", memory, 0)
        numbers = iter(struct.unpack_from(f"<{int(count)}d", memory, 8))
        at = 8 * (1 + int(count))
        parts = []
        for _ in range(int(next(numbers))):
            rows = [int(next(numbers)) for _ in range(int(next(numbers)))]
            wanted = [self.outputs[int(next(numbers))] for _ in range(int(next(numbers)))]
            inputs = {}
            for spec in self.inputs:
                shape = [int(next(numbers)) for _ in range(int(next(numbers)))]
                length = int(next(numbers))
                inputs[spec["name"]] = self.array(memory, at, length, spec["datatype"], shape)
                at += (length + 7) // 8 * 8
            parts.append(Part(inputs, wanted, rows))
        return parts

    def array(self, memory, at, length, datatype, shape):
        numpy = self.numpy
        if datatype != "BYTES":
            dtype = numpy.dtype(self.types[datatype])
            return numpy.frombuffer(memory, dtype, length // dtype.itemsize, at).reshape(shape)
        array = numpy.empty(int(numpy.prod(shape, dtype=numpy.int64)), dtype=object)
        for index in range(array.size):
            (size,) = struct.unpack_from("<I", memory, at)
            array[index] = bytes(memory[at + 4 : at + 4 + size])
            at += 4 + size
        return array.reshape(shape)

    def outputs_of(self, result, part):
        """The wanted outputs as arrays that fit the signature, or what is wrong with them as text."""
        if not isinstance(result, dict):
            return f"The model gave {type(result).__name__} instead of a dictionary of arrays."
        arrays = []
        bytes_used = 0
        for spec in part.wanted:
            name = spec["name"]
            if name not in result:
                return f"The model gave no output {json.dumps(name)}; it gave {', '.join(map(json.dumps, map(str, result))) or 'none'}."
            array = self.fitting(result[name], spec)
            if isinstance(array, str):
                return f"The model output {json.dumps(name)} {array}."
            if len(part.rows) > 1 and (array.ndim == 0 or array.shape[0] != sum(part.rows)):
                return f"The model output {json.dumps(name)} has not a row for each row of the inputs."
            bytes_used += array.nbytes if array.dtype != object else sum(4 + len(each) for each in array.flat)
            arrays.append(array)
        largest = bytes_used if len(part.rows) == 1 else bytes_used / max(1, sum(part.rows)) * max(part.rows)
        if largest > self.most_bytes:
            return f"The model output is larger than the limit of {self.most_bytes} bytes."
        return arrays

    def fitting(self, value, spec):
        numpy = self.numpy
        array = numpy.asarray(value)
        shape = spec["shape"]
        if len(shape) != array.ndim or any(size not in (-1, got) for size, got in zip(shape, array.shape)):
            return f"has the shape {list(array.shape)}, not {shape}".replace(" ", " ")
        if spec["datatype"] == "BYTES":
            if array.dtype.kind not in "OSU":
                return f"has the type {array.dtype}, not BYTES: text or bytes"
            texts = numpy.empty(array.size, dtype=object)
            for index, each in enumerate(array.flat):
                if not isinstance(each, (str, bytes)):
                    return f"has a value of the type {type(each).__name__}, not BYTES: text or bytes"
                texts[index] = each.encode() if isinstance(each, str) else bytes(each)
            return texts.reshape(array.shape)
        wanted = numpy.dtype(self.types[spec["datatype"]])
        if array.dtype != wanted:
            # Only what loses nothing: everything else is the model's to decide.
            if not numpy.can_cast(array.dtype, wanted, "safe"):
                return f"has the type {array.dtype}, not {wanted}; convert it with .astype(numpy.{wanted})"
            array = array.astype(wanted)
        return numpy.ascontiguousarray(array)


class Reply:
    """A block of replies."""

    def __init__(self):
        self.numbers = []
        self.pieces = []

    def text(self, text):
        self.piece(text.encode("utf-8", "replace"))

    def tensor(self, array):
        self.numbers.append(array.ndim)
        self.numbers.extend(array.shape)
        if array.dtype == object:
            self.piece(b"".join(struct.pack("<I", len(each)) + each for each in array.flat))
        else:
            self.piece(memoryview(array).cast("B") if array.size else b"", array.nbytes)

    def piece(self, data, length=None):
        length = len(data) if length is None else length
        self.numbers.append(length)
        self.pieces.append(data)
        if length % 8:
            self.pieces.append(bytes(8 - length % 8))

    def parts(self):
        return [struct.pack(f"<{len(self.numbers) + 1}d", len(self.numbers), *self.numbers), *self.pieces]
