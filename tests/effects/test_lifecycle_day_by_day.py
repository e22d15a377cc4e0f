"""The simulation against one that looks at every rule on every day."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.effects.lifecycle import NOON_OF_DAY_0, Bucket, Configuration, delete, put, simulate

DAYS = 60
days = st.integers(0, 30)
counts = {"NewerNoncurrentVersions": st.integers(0, 3)}
chain = st.sampled_from(["STANDARD_IA", "GLACIER", "DEEP_ARCHIVE"])
plain_rules = st.fixed_dictionaries(
    {"Status": st.just("Enabled"), "Filter": st.just({})},
    optional={
        "Expiration": st.one_of(st.fixed_dictionaries({"Days": days}), st.just({"ExpiredObjectDeleteMarker": True})),
        "Transitions": st.lists(st.fixed_dictionaries({"Days": days, "StorageClass": chain}), max_size=2),
        "NoncurrentVersionTransitions": st.lists(
            st.fixed_dictionaries({"NoncurrentDays": days, "StorageClass": chain}, optional=counts),
            max_size=2,
        ),
        "NoncurrentVersionExpiration": st.fixed_dictionaries({"NoncurrentDays": days}, optional=counts),
    },
)
writes_by_day = st.lists(st.tuples(st.integers(0, DAYS), st.booleans()), max_size=7).map(sorted)


class _Slow:
    """The same rules, looked at on every day: the classes of what is stored, oldest first, None a marker."""

    def __init__(self, rules: list[Any]) -> None:
        self.rules = rules
        self.stack: list[dict[str, Any]] = []

    def write(self, day: int, deletes: bool) -> None:
        for below in self.stack[-1:]:
            below["since"], below["age"] = day, "NoncurrentDays"
        self.stack.append({"since": day, "age": "Days", "class": None if deletes else "STANDARD"})

    def midnight(self, day: int) -> list[str | None]:
        self.stack = [one for place, one in enumerate(self.stack) if not self.ends(day, place)]
        for place, one in enumerate(self.stack):
            self.move(day, place, one)
        top = self.stack[-1] if self.stack else None
        expirations = [rule.get("Expiration", {}) for rule in self.rules]
        if top and top["class"] and self.due(day, top, expirations):
            self.write(day, True)
            return self.midnight(day)
        if top and not top["class"] and len(self.stack) == 1:
            at_once = any("ExpiredObjectDeleteMarker" in expiration for expiration in expirations)
            self.stack = [] if at_once or self.due(day, top, expirations) else self.stack
        return [one["class"] for one in self.stack]

    def due(self, day: int, one: dict[str, Any], actions: list[Any]) -> list[Any]:
        return [action for action in actions if one["since"] + action.get(one["age"], 10**6) <= day]

    def newer(self, place: int) -> int:
        return sum(one["class"] is not None for one in self.stack[place + 1 : -1])

    def ends(self, day: int, place: int) -> bool:
        purges = [rule.get("NoncurrentVersionExpiration", {}) for rule in self.rules]
        due = self.due(day, self.stack[place], purges) if place < len(self.stack) - 1 else []
        return any(purge.get("NewerNoncurrentVersions", 0) <= self.newer(place) for purge in due)

    def move(self, day: int, place: int, one: dict[str, Any]) -> None:
        name = "Transitions" if one["age"] == "Days" else "NoncurrentVersionTransitions"
        moves = self.due(day, one, [move for rule in self.rules for move in rule.get(name, [])])
        enough = [move for move in moves if move.get("NewerNoncurrentVersions", 0) <= self.newer(place)]
        order = ["STANDARD", "STANDARD_IA", "GLACIER", "DEEP_ARCHIVE"]
        if one["class"]:
            one["class"] = max([one["class"], *(move["StorageClass"] for move in enough)], key=order.index)


@settings(max_examples=400, deadline=None)
@given(st.lists(plain_rules, max_size=4), writes_by_day)
def test_looking_only_when_something_is_due_misses_nothing(rules: Any, writes: Any) -> None:
    slow, moments = _Slow(rules), [(NOON_OF_DAY_0 + timedelta(days=day), deletes) for day, deletes in writes]
    history = [delete("a", at=at) if deletes else put("a", at=at) for at, deletes in moments]
    timeline = simulate(Bucket("Enabled", Configuration.read({"Rules": rules})), history, days=DAYS)
    for day in range(DAYS + 1):
        for _, deletes in [write for write in writes if write[0] == day]:
            slow.write(day, deletes)
        stored = [version.storage_on(day) for version in timeline.versions if version.exists_on(day)]
        assert stored == slow.midnight(day)
