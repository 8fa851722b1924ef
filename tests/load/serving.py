"""`linli serve`, with its application counted (压测用服务): `python -m tests.load.serving PORT`."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import granian

from linli.site.cli import serve
from linli.site.cli.house import choose_data_dir


class CountedServer(granian.Granian):  # type: ignore[misc, valid-type]  # chosen at run time by granian
    """Everything as `linli serve` sets it, but for the application."""

    def __init__(self, target: str, **options: Any) -> None:
        del target
        super().__init__("tests.load.counting:application", **options)


def main() -> None:
    choose_data_dir(None)
    setattr(granian, "Granian", CountedServer)  # noqa: B010  what `serve.run` imports
    serve.run(argparse.Namespace(host="127.0.0.1", port=int(sys.argv[1]), workers=0, json=False))


if __name__ == "__main__":
    main()
