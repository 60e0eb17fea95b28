"""What a server tells Prometheus about itself.

Counters live where things are counted; a thread of its own answers who asks. Names follow the
conventions of Prometheus: base units, `_total` for counters.
"""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from umo_runtime.errors import OutputError

_AGES_S = (0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
_STEPS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.033, 0.05, 0.1, 0.2)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """Counters of one server.

    Attributes:
        registry: of all of them.
        characters: that are open.
        clients: that have said hello.
        frames: sent.
        sent_fps: frames a second that each character is sent; fewer under overload.
        frame_age_s: from the newest sound that a frame needs to the frame.
        refusals: by code of the wire protocol.
        step_rows: characters in a step, by network.
        step_s: time of a step, by network.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        gauge, counter = self._gauge, self._counter
        self.characters = gauge("umo_characters", "Characters that are open")
        self.clients = gauge("umo_clients", "Clients that have said hello")
        self.sent_fps = gauge("umo_sent_fps", "Frames a second sent to a character")
        self.frames = counter("umo_frames", "Frames sent")
        self.refusals = Counter(
            "umo_refusals", "Messages refused", ("code",), registry=self.registry
        )
        self.frame_age_s = Histogram(
            "umo_frame_age_seconds",
            "From the newest sound that a frame needs to the frame",
            buckets=_AGES_S,
            registry=self.registry,
        )
        self.step_rows = Histogram(
            "umo_step_rows",
            "Characters in a step",
            ("network",),
            buckets=_ROWS,
            registry=self.registry,
        )
        self.step_s = Histogram(
            "umo_step_seconds",
            "Time of a step",
            ("network",),
            buckets=_STEPS_S,
            registry=self.registry,
        )

    def _gauge(self, name: str, what: str) -> Gauge:
        return Gauge(name, what, registry=self.registry)

    def _counter(self, name: str, what: str) -> Counter:
        return Counter(name, what, registry=self.registry)


def serve_metrics(
    registry: CollectorRegistry, host: str, port: int
) -> tuple[str, Callable[[], None]]:
    """Answer Prometheus at `http://host:port/metrics`.

    Args:
        registry: what to tell.
        host: address to listen at.
        port: 0 takes a free one.

    Returns:
        The URL, and what ends it.

    Raises:
        OutputError: the address cannot be had.
    """
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise OutputError(
            f"cannot serve metrics at {host}:{port} ({error.strerror}); choose another "
            "--metrics-port"
        ) from error

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{server.server_port}/metrics", stop
