"""A small client of the language server, for tests and the benchmark."""

import json
import os
import queue
import subprocess
import threading
import time


class Client:
    """One server process; what it sends is read by a thread."""

    def __init__(self, snarl, root, args=(), capabilities=None, env=None):
        self.root = root
        self.process = subprocess.Popen([snarl, "lsp", *args], cwd=root, env=env,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.messages = queue.Queue()
        self.diagnostics = {}  # URI -> the last params of publishDiagnostics
        self.notifications = []
        self.n_ids = 0
        threading.Thread(target=self._read, daemon=True).start()
        self.result = self.request("initialize", {
            "processId": os.getpid(), "rootUri": self.uri(""),
            "capabilities": capabilities or {}})
        self.notify("initialized", {})

    def uri(self, name):
        return "file://" + os.path.join(self.root, name).rstrip("/")

    # ---- the wire

    def _read(self):
        stream = self.process.stdout
        while True:
            length = None
            while (line := stream.readline()) not in (b"\r\n", b""):
                name, _, value = line.decode().partition(":")
                if name.lower() == "content-length":
                    length = int(value)
            if length is None:
                self.messages.put(None)
                return
            self.messages.put(json.loads(stream.read(length)))

    def send_bytes(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def begin(self, method, params):
        self.n_ids += 1
        self.send({"id": self.n_ids, "method": method, "params": params})
        return self.n_ids

    def take(self, timeout):
        """The next message, sorted in; None: the server has gone."""
        message = self.messages.get(timeout=timeout)
        if message is None:
            return None
        if "method" in message:
            self.notifications.append(message)
            if message["method"] == "textDocument/publishDiagnostics":
                self.diagnostics[message["params"]["uri"]] = message["params"]
            if "id" in message:
                self.send({"id": message["id"], "result": None})
        return message

    def answer(self, number, timeout=60):
        end = time.monotonic() + timeout
        while True:
            message = self.take(max(0.01, end - time.monotonic()))
            if message is None:
                raise EOFError("the server has gone")
            if message.get("id") == number and "method" not in message:
                return message

    def request(self, method, params, timeout=60):
        answer = self.answer(self.begin(method, params), timeout)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    # ---- documents

    def open(self, name, text=None, version=1):
        if text is None:
            with open(os.path.join(self.root, name), encoding="utf-8") as file:
                text = file.read()
        self.notify("textDocument/didOpen", {"textDocument": {
            "uri": self.uri(name), "languageId": "c", "version": version, "text": text}})

    def change(self, name, version, changes):
        self.notify("textDocument/didChange", {
            "textDocument": {"uri": self.uri(name), "version": version},
            "contentChanges": changes})

    def wait_for(self, name, version, timeout=60, until=lambda diagnostics: True):
        """The diagnostics of this version of a document that `until` likes."""
        end = time.monotonic() + timeout
        while True:
            known = self.diagnostics.get(self.uri(name))
            if known and known.get("version") == version and until(known["diagnostics"]):
                return known["diagnostics"]
            if self.take(max(0.01, end - time.monotonic())) is None:
                raise EOFError("the server has gone")

    def kill(self):
        """Whatever state it is in."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            try:
                stream.close()
            except OSError:
                pass  # what was still to be written

    def close(self):
        """Ends the server as the protocol wants it; gives its exit status."""
        self.request("shutdown", None)
        self.notify("exit", None)
        self.process.stdin.close()
        return self.process.wait(30)
