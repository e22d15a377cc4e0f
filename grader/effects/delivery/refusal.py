"""What AWS answers to a call of SNS that it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grader.texts import Text, say


@dataclass(frozen=True)
class Refusal:
    """One reason for which AWS refuses. `name` is ours and stays the same; `message` is AWS's, as near as it was
    ever quoted, after its "Invalid parameter: "."""

    name: str
    message: str
    doc: str

    @property
    def code(self) -> str:
        """AWS's code; SNS has one for all of these."""
        return "InvalidParameter"

    @property
    def text(self) -> Text:
        """A sentence for the student."""
        return say("AWS answers: {message}", message=f"{self.code}: {self.message}")

    def to_json(self) -> dict[str, Any]:
        """The refusal in plain values."""
        return {"name": self.name, "code": self.code, "message": self.message, "doc": self.doc}


def invalid(name: str, why: str, doc: str) -> Refusal:
    """A refusal of a parameter, in SNS's words."""
    return Refusal(name, f"Invalid parameter: {why}", doc)
