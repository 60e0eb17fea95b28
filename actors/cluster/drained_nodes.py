"""The nodes on which nothing is begun any more, kept where Ray keeps its own state of actors."""

import json
from collections.abc import Iterable

_KEY = b"drained-nodes"


class DrainedNodes:
    """Ids of nodes; survive the process, end with the cluster.

    Args:
        namespace: of whom they are.
    """

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace.encode()

    @property
    def ids(self) -> list[str]:
        """All of them, in order."""
        from ray.experimental.internal_kv import _internal_kv_get

        kept = _internal_kv_get(_KEY, namespace=self._namespace)
        return list(json.loads(kept)) if kept else []

    def add(self, nodes: Iterable[str]) -> None:
        """Keep more."""
        from ray.experimental.internal_kv import _internal_kv_put

        ids = json.dumps(sorted({*self.ids, *nodes})).encode()
        _internal_kv_put(_KEY, ids, namespace=self._namespace)

    def forget(self) -> None:
        """Keep none."""
        from ray.experimental.internal_kv import _internal_kv_del

        _internal_kv_del(_KEY, namespace=self._namespace)
