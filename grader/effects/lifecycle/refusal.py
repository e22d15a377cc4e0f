"""What AWS answers to PutBucketLifecycleConfiguration when it takes none of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from grader.effects.lifecycle.filters import Filter
from grader.effects.lifecycle.rules import Rule

Code = Literal["InvalidArgument", "InvalidRequest", "MalformedXML"]

_GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
_API = "https://docs.aws.amazon.com/AmazonS3/latest/API/"
ELEMENTS: Final = f"{_GUIDE}intro-lifecycle-rules.html"
FILTERS: Final = f"{_GUIDE}intro-lifecycle-filters.html"
EXAMPLES: Final = f"{_GUIDE}lifecycle-configuration-examples.html"
TRANSITIONS: Final = f"{_GUIDE}lifecycle-transition-general-considerations.html"
PUT: Final = f"{_API}API_PutBucketLifecycleConfiguration.html"
RULE: Final = f"{_API}API_LifecycleRule.html"
AND: Final = f"{_API}API_LifecycleRuleAndOperator.html"
EXPIRATION: Final = f"{_API}API_LifecycleExpiration.html"
NONCURRENT: Final = f"{_API}API_NoncurrentVersionExpiration.html"
ERRORS: Final = f"{_API}ErrorResponses.html"

MALFORMED: Final = "The XML you provided was not well-formed or did not validate against our published schema"


@dataclass(frozen=True)
class Refusal:
    """One reason for which AWS refuses the whole configuration.

    `name` is ours and stays the same; `code` and `message` are AWS's, as near as they were ever quoted;
    `rules` are those concerned, in order; `doc` is the page to read.
    """

    name: str
    code: Code
    message: str
    rules: tuple[Rule, ...]
    doc: str


def malformed(name: str, rule: Rule, doc: str) -> Refusal:
    """A refusal by the schema, which AWS never explains."""
    return Refusal(name, "MalformedXML", MALFORMED, (rule,), doc)


def invalid_request(name: str, message: str, rules: Iterable[Rule], doc: str) -> Refusal:
    """A refusal of elements that may not stand together."""
    return Refusal(name, "InvalidRequest", message, tuple(rules), doc)


def invalid_argument(name: str, message: str, rules: Iterable[Rule], doc: str) -> Refusal:
    """A refusal of a value."""
    return Refusal(name, "InvalidArgument", message, tuple(rules), doc)


def scope(found: Filter) -> str:
    """A rule's objects in AWS's words: "for filter '(prefix=logs/ and tag={key=a, value=b})'"."""
    if found.forms == ("Prefix",):
        return f"for prefix '{found.prefix}'"
    conditions = [f"prefix={prefix}" for prefix in found.prefixes]
    conditions += [f"tag={{key={key}, value={value}}}" for key, value in found.tags]
    sizes = {"greater": found.size_greater_than, "less": found.size_less_than}
    conditions += [f"objectsize{name}than={size}" for name, size in sizes.items() if size is not None]
    return f"for filter '({' and '.join(conditions)})'"
