"""What AWS takes and charges for."""

from typing import Any

import pytest

from grader.effects.lifecycle import Configuration, Note, notes

FLOOR = 128 * 1024


def noted(default_minimum: str | None = None, **rule: Any) -> list[tuple[str, str]]:
    rules = [{"ID": "r", "Status": "Enabled", "Filter": {}, **rule}]
    reply = {"Rules": rules, "TransitionDefaultMinimumObjectSize": default_minimum}
    found: tuple[Note, ...] = notes(Configuration.read(reply))
    assert all(note.doc.startswith("https://docs.aws.amazon.com/") for note in found)
    assert all(note.rules[0].id == "r" for note in found)
    return [(note.name, str(note.message)) for note in found]


def moves(*pairs: tuple[int, str]) -> list[dict[str, Any]]:
    return [{"Days": days, "StorageClass": name} for days, name in pairs]


def test_a_usual_rule_has_no_notes() -> None:
    tiers = moves((30, "STANDARD_IA"), (90, "GLACIER"))
    assert noted(Transitions=tiers, Expiration={"Days": 365}) == []


@pytest.mark.parametrize("storage_class", ["STANDARD_IA", "ONEZONE_IA"])
def test_infrequent_access_before_day_thirty_is_noted(storage_class: str) -> None:
    ((name, message),) = noted(Transitions=moves((29, storage_class)))
    assert name == "early_infrequent_access"
    assert f"{storage_class} from day 29" in message
    assert "objects" in message
    assert noted(Transitions=moves((30, storage_class))) == []
    early = [{"NoncurrentDays": 5, "StorageClass": storage_class}]
    assert "noncurrent versions" in noted(NoncurrentVersionTransitions=early)[0][1]


@pytest.mark.parametrize(
    ("storage_class", "minimum"),
    [("STANDARD_IA", 30), ("ONEZONE_IA", 30), ("GLACIER_IR", 90), ("GLACIER", 90), ("DEEP_ARCHIVE", 180)],
)
def test_leaving_a_class_before_its_minimum_is_noted(storage_class: str, minimum: int) -> None:
    short = noted(Transitions=moves((40, storage_class)), Expiration={"Days": 39 + minimum})
    assert short == [
        (
            "minimum_storage_duration",
            f"objects leave {storage_class} after {minimum - 1} days, and AWS charges for {minimum}.",
        )
    ]
    assert noted(Transitions=moves((40, storage_class)), Expiration={"Days": 40 + minimum}) == []


def test_moving_on_before_the_minimum_is_noted_in_either_place() -> None:
    assert [name for name, _ in noted(Transitions=moves((60, "GLACIER"), (40, "STANDARD_IA")))] == [
        "minimum_storage_duration"
    ]
    found = noted(
        NoncurrentVersionTransitions=[{"NoncurrentDays": 30, "StorageClass": "GLACIER"}],
        NoncurrentVersionExpiration={"NoncurrentDays": 60},
    )
    assert found == [
        (
            "minimum_storage_duration",
            "noncurrent versions leave GLACIER after 30 days, and AWS charges for 90.",
        )
    ]


def test_moving_small_objects_is_noted() -> None:
    sized: dict[str, Any] = {"Filter": {"ObjectSizeGreaterThan": 0}, "Transitions": moves((90, "GLACIER"))}
    assert [name for name, _ in noted(**sized)] == ["small_objects"]
    large: dict[str, Any] = {
        "Filter": {"ObjectSizeGreaterThan": FLOOR - 1},
        "Transitions": moves((90, "GLACIER")),
    }
    assert noted(**large) == []
    tiers = moves((30, "STANDARD_IA"), (90, "GLACIER"))
    ((name, message),) = noted("varies_by_storage_class", Transitions=tiers)
    assert name == "small_objects"
    assert "move to GLACIER too" in message


def test_versions_that_are_kept_for_ever_are_noted() -> None:
    kept = {"NoncurrentDays": 60, "NewerNoncurrentVersions": 3}
    ((name, message),) = noted(NoncurrentVersionExpiration=kept)
    assert (name, message[:30]) == ("versions_kept_for_ever", "up to 3 noncurrent versions of")


def test_a_disabled_rule_has_no_notes() -> None:
    assert noted(Status="Disabled", Transitions=moves((3, "STANDARD_IA"))) == []
