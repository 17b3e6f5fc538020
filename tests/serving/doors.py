"""Every way in which a question reaches the server, over plain sockets that can be dropped at any moment."""

import json
import re
import socket
import time
from urllib.request import Request, urlopen

QUESTION = "蓝采薇每天爬多高的塔吊？"
JSON = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


class Connection:
    """A request under way."""

    def __init__(self, port, path, body=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        payload = b"" if body is None else json.dumps(body).encode()
        head = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", "Host: localhost", "Connection: close"]
        head += [f"{name}: {value}" for name, value in JSON.items()]
        head += [f"Content-Length: {len(payload)}"] if payload else []
        self.socket.sendall("\r\n".join([*head, "", ""]).encode() + payload)

    def drop(self):
        self.socket.close()

    def read(self):
        """All that comes until the server closes."""
        received = b""
        with self.socket:
            while piece := self.socket.recv(65536):
                received += piece
        return re.sub(r"\\u([0-9a-f]{4})", lambda escape: chr(int(escape[1], 16)), received.decode())


def call(port, path, body):
    """A request that is answered at once."""
    request = Request(f"http://127.0.0.1:{port}{path}", json.dumps(body).encode(), JSON)
    with urlopen(request, timeout=30) as reply:
        return reply.read().decode()


def _completion(port, *, stream):
    body = {"model": "baowen", "stream": stream, "messages": [{"role": "user", "content": QUESTION}]}
    return Connection(port, "/v1/chat/completions", body)


def completion(port):
    return _completion(port, stream=False)


def streamed_completion(port):
    return _completion(port, stream=True)


def gradio_call(port):
    return Connection(port, "/gradio_api/run/ask", {"data": [QUESTION, "", ""]})


def queued(port, name, data):
    """A call in Gradio's queue, and the stream of what comes of it."""
    event = json.loads(call(port, f"/gradio_api/call/{name}", {"data": data}))["event_id"]
    return Connection(port, f"/gradio_api/call/{name}/{event}")


def gradio_queue(port):
    return queued(port, "ask", [QUESTION, "", ""])


def page(port):
    return queued(port, "chat", [QUESTION, "", None, None, "", "", "", ""])


def tool_call(name, arguments):
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}


def mcp(port):
    return Connection(port, "/gradio_api/mcp/", tool_call("ask", {"question": QUESTION}))


STREAMED = [streamed_completion, page, gradio_queue, mcp]
DOORS = [*STREAMED, completion, gradio_call]


def comes_true(condition, seconds):
    """Whether something comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()
