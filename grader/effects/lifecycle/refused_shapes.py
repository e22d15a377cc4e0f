"""Rules that AWS refuses for how they are put together: ids, statuses, filters, and what goes with what."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from grader.effects.lifecycle.refusal import (
    AND,
    ELEMENTS,
    ERRORS,
    EXAMPLES,
    EXPIRATION,
    FILTERS,
    RULE,
    Refusal,
    invalid_argument,
    invalid_request,
    malformed,
)
from grader.effects.lifecycle.rules import Rule

MAX_ID_LENGTH: Final = 255


def of_shape(rule: Rule) -> Iterator[Refusal]:
    """The refusals of one rule for its shape; looked up on 2026-11-23."""
    yield from _of_head(rule)
    yield from _of_filter(rule)
    yield from _of_sizes(rule)
    yield from _of_delete_marker(rule)
    yield from _of_abort(rule)


def _of_head(rule: Rule) -> Iterator[Refusal]:
    if rule.status not in ("Enabled", "Disabled"):
        # "enabled" was refused: ceph/s3-tests test_lifecycle_invalid_status, noobaa-core#8664.
        yield malformed("status", rule, ELEMENTS)
    if rule.id is not None and len(rule.id) > MAX_ID_LENGTH:
        # In these words: noobaa-core#8628.
        message = f"ID length should not exceed allowed limit of {MAX_ID_LENGTH}"
        yield invalid_argument("id_length", message, [rule], ELEMENTS)
    if not rule.actions:
        # In these words: crossplane-contrib/provider-aws#1337.
        message = "At least one action needs to be specified in a rule"
        yield invalid_request("no_action", message, [rule], ERRORS)


def _of_filter(rule: Rule) -> Iterator[Refusal]:
    if not rule.filter.forms:
        # "Filter is required if the LifecycleRule does not contain a Prefix element"; aws-sdk-js#2530.
        yield malformed("no_filter", rule, RULE)
    if rule.filter.predicates > 1:
        # "exactly one of Prefix, Tag, ObjectSizeGreaterThan, ObjectSizeLessThan, or And"; noobaa-core#8914.
        yield malformed("filter_without_and", rule, RULE)
    if rule.filter.joined is not None and rule.filter.joined < 2:
        # "two or more predicates"; an And of one Prefix was refused, and one of an empty Prefix beside
        # something else was taken: terraform-provider-aws#23882.
        yield malformed("and_of_one", rule, AND)
    if any(times > 1 for times in Counter(key for key, _ in rule.filter.tags).values()):
        # "each tag key must be unique"; in these words by LocalStack's snapshot of AWS, 2026-02.
        message = "Duplicate Tag Keys are not allowed."
        yield invalid_request("duplicate_tag_keys", message, [rule], FILTERS)


def _of_sizes(rule: Rule) -> Iterator[Refusal]:
    low, high = rule.filter.size_greater_than, rule.filter.size_less_than
    if high is not None and high < 1:
        # In these words: terraform-provider-aws#41521.
        message = "'ObjectSizeLessThan' should be between 1 and 1099511627776000."
        yield invalid_request("size_range", message, [rule], FILTERS)
    elif low is not None and high is not None and low >= high:
        # "ObjectSizeGreaterThan must be less than the ObjectSizeLessThan value"; the words are from
        # CloudFormation, 2026.
        message = "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'."
        yield invalid_request("size_order", message, [rule], FILTERS)


def _of_delete_marker(rule: Rule) -> Iterator[Refusal]:
    expiration = rule.expiration
    if expiration is None or expiration.expired_object_delete_marker is None:
        return
    if rule.filter.names_a_size:
        # Even where it is false: cloudposse/terraform-aws-s3-bucket#137.
        message = "ExpiredObjectDeleteMarker cannot be specified with Object Size."
        yield invalid_request("delete_marker_with_size", message, [rule], EXPIRATION)
    if expiration.expired_object_delete_marker and rule.filter.tags:
        # "You can't specify this lifecycle action in a rule that has a filter that uses object tags."
        message = "ExpiredObjectDeleteMarker cannot be specified with Tags."
        yield invalid_request("delete_marker_with_tags", message, [rule], ELEMENTS)
    if expiration.expired_object_delete_marker and (expiration.days, expiration.date) != (None, None):
        # "This cannot be specified with Days or Date"; MalformedXML in aws-cli#8239 and aws-cdk#18924.
        yield malformed("delete_marker_with_time", rule, EXPIRATION)


def _of_abort(rule: Rule) -> Iterator[Refusal]:
    if rule.abort_incomplete_multipart_upload is None:
        return
    if rule.filter.tags:
        # In these words: terraform-aws-modules/terraform-aws-s3-bucket#109.
        message = "AbortIncompleteMultipartUpload cannot be specified with Tags."
        yield invalid_request("abort_with_tags", message, [rule], EXAMPLES)
    if rule.filter.names_a_size:
        # In these words: cfn-lint#3554.
        message = "AbortIncompleteMultipartUpload cannot be specified with Object Size."
        yield invalid_request("abort_with_size", message, [rule], EXAMPLES)
