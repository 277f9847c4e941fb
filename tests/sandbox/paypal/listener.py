"""Stands where the platform's webhook address would be, and keeps what arrives."""

import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

import httpx

SECONDS = 15


class Listener:
    """`url` is where to send webhooks; `take()` gives them in order of arrival. `answers`: statuses to give first."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self._arrived: queue.Queue[httpx.Request] = queue.Queue()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                # Kept before it is answered: the sender's next message may come as soon as it has the answer.
                listener._arrived.put(
                    httpx.Request("POST", self.path, headers=dict(self.headers), content=body)
                )
                self.send_response(listener.answers.pop(0) if listener.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhook"

    def take(self) -> httpx.Request:
        """The next message; fails the test when none comes."""
        return self._arrived.get(timeout=SECONDS)

    def has_more(self) -> bool:
        return not self._arrived.empty()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
