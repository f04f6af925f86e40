"""The socket to the replica, and the log that goes over it."""
import json
import logging
import os
import socket
import struct
import threading

LOAD, RUN, RUN_SHARED, CLOSE, SIGNATURE = 0, 1, 2, 3, 4
LOADED, REPLY, REPLY_SHARED, REFUSED, LOG = 0, 1, 2, 3, 4
HEAD = struct.Struct("<IIII")


class Channel:
    """The socket. Any thread may send, one receives."""

    def __init__(self):
        os.set_inheritable(3, False)
        self.socket = socket.socket(fileno=3)
        self.socket.setblocking(True)
        self.sending = threading.Lock()

    def receive(self):
        length, number, kind, _ = HEAD.unpack(self.exactly(HEAD.size))
        return number, kind, self.exactly(length)

    def exactly(self, length):
        # A buffer of its own for each message: arrays are views of it, and the model may keep them.
        buffer = bytearray(length)
        view = memoryview(buffer)
        while view:
            got = self.socket.recv_into(view)
            if got == 0:
                os._exit(0)
            view = view[got:]
        return buffer

    def send(self, number, kind, *parts):
        parts = [memoryview(part).cast("B") for part in parts if len(part)]
        parts.insert(0, memoryview(HEAD.pack(sum(map(len, parts)), number, kind, 0)))
        with self.sending:
            while parts:
                sent = self.socket.sendmsg(parts[:64])
                while parts and sent >= len(parts[0]):
                    sent -= len(parts.pop(0))
                if sent:
                    parts[0] = parts[0][sent:]

    def send_json(self, number, kind, value):
        self.send(number, kind, json.dumps(value).encode())


class LogHandler(logging.Handler):
    def __init__(self, channel):
        super().__init__()
        self.channel = channel

    def emit(self, record):
        level = "error" if record.levelno >= 40 else "warn" if record.levelno >= 30 else "info" if record.levelno >= 20 else "debug"
        self.channel.send_json(0, LOG, {"level": level, "message": self.format(record)[:8192]})
