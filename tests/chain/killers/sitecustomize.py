"""Makes the annotator of every child misbehave on titles that say so. Loaded by Python itself, from PYTHONPATH."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any

KILLER = "killer: "


def misbehave(how: str) -> None:
    if how == "raise":
        raise ValueError("this article can't be read")
    if how == "exit":
        os._exit(3)
    while how == "loop":
        time.sleep(0.01)
    if how == "regex":
        re.match(r"(a+)+$", "a" * 64 + "b")  # never lets go of the interpreter's lock


def install() -> None:
    from tocsin.agents.annotate.annotate import Annotator

    annotate = Annotator.annotate

    def killing(self: Any, article: Any) -> Any:
        if article.title.startswith(KILLER):
            misbehave(article.title.removeprefix(KILLER))
        return annotate(self, article)

    Annotator.annotate = killing  # type: ignore[method-assign]


if b"\0worker\0" in Path("/proc/self/cmdline").read_bytes():
    install()
