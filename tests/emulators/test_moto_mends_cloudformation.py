"""What moto forgets of templates, and that the mended one does not.

Each blind spot is asserted on moto as it is, too: the day it sees, that test fails and the mend goes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from grader.emulators import moto

NUMBERS = count()
SERVICES = ("s3", "cloudformation")


@pytest.fixture(scope="module")
def mended() -> Iterator[moto.Moto]:
    with moto.launch(services=SERVICES) as starting:
        yield starting.ready()


@pytest.fixture(scope="module")
def unmended() -> Iterator[moto.Moto]:
    with moto.launch(services=SERVICES, mended=False) as starting:
        yield starting.ready()


def created(emulator: moto.Moto, template: str, **parameters: str) -> str:
    """By CreateStack; the stack's name."""
    name = f"stack-{next(NUMBERS)}"
    cloudformation = emulator.access.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=template, Parameters=listed(parameters))
    return name


def deployed(emulator: moto.Moto, template: str, name: str | None = None, **parameters: str) -> str:
    """By a change set, as `aws cloudformation deploy` does."""
    cloudformation = emulator.access.client("cloudformation")
    kind, name = ("UPDATE", name) if name else ("CREATE", f"stack-{next(NUMBERS)}")
    change_set = cloudformation.create_change_set(
        StackName=name,
        ChangeSetName=f"change-{next(NUMBERS)}",
        ChangeSetType=kind,
        TemplateBody=template,
        Parameters=listed(parameters),
    )["Id"]
    cloudformation.get_waiter("change_set_create_complete").wait(ChangeSetName=change_set, WaiterConfig={"Delay": 0})
    cloudformation.execute_change_set(ChangeSetName=change_set)
    return name


def listed(parameters: dict[str, str]) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]


def stack(emulator: moto.Moto, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = emulator.access.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    return answer


def events(emulator: moto.Moto, name: str) -> list[tuple[str, str, str]]:
    """Newest first: what, its status and why."""
    told = emulator.access.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return [(one["LogicalResourceId"], one["ResourceStatus"], one.get("ResourceStatusReason", "")) for one in told]


def bucket_with(**properties: Any) -> tuple[str, str]:
    name = f"bucket-{next(NUMBERS)}"
    resource = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name, **properties}}
    return name, json.dumps({"Resources": {"Bucket": resource}})


def rules_of(emulator: moto.Moto, bucket: str) -> list[dict[str, Any]]:
    answer = emulator.access.client("s3").get_bucket_lifecycle_configuration(Bucket=bucket)
    return [{key: value for key, value in rule.items() if key not in ("ID", "Status")} for rule in answer["Rules"]]


RULES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "prefix": (
        {"Prefix": "logs/", "ExpirationInDays": "9"},
        {"Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 9}},
    ),
    "no filter": ({"ExpirationInDays": 9}, {"Filter": {"Prefix": ""}, "Expiration": {"Days": 9}}),
    "tag": (
        {"TagFilters": [{"Key": "k", "Value": "v"}], "ExpirationInDays": 9},
        {"Filter": {"Tag": {"Key": "k", "Value": "v"}}, "Expiration": {"Days": 9}},
    ),
    "all filters": (
        {
            "Prefix": "x/",
            "TagFilters": [{"Key": "k", "Value": "v"}, {"Key": "l", "Value": "w"}],
            "ObjectSizeGreaterThan": "10",
            "ObjectSizeLessThan": "20",
            "ExpirationInDays": 9,
        },
        {
            "Filter": {
                "And": {
                    "Prefix": "x/",
                    "Tags": [{"Key": "k", "Value": "v"}, {"Key": "l", "Value": "w"}],
                    "ObjectSizeGreaterThan": 10,
                    "ObjectSizeLessThan": 20,
                }
            },
            "Expiration": {"Days": 9},
        },
    ),
    "size": (
        {"ObjectSizeGreaterThan": "10", "ExpirationInDays": 9},
        {"Filter": {"ObjectSizeGreaterThan": 10}, "Expiration": {"Days": 9}},
    ),
    "date": (
        {"ExpirationDate": "2031-02-03T00:00:00Z"},
        {"Filter": {"Prefix": ""}, "Expiration": {"Date": datetime(2031, 2, 3, tzinfo=UTC)}},
    ),
    "delete marker": (
        {"ExpiredObjectDeleteMarker": True},
        {"Filter": {"Prefix": ""}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
    ),
    "transitions": (
        {
            "Transitions": [{"StorageClass": "STANDARD_IA", "TransitionInDays": 30}],
            "Transition": {"StorageClass": "Glacier", "TransitionDate": "2031-02-03T00:00:00Z"},
        },
        {
            "Filter": {"Prefix": ""},
            "Transitions": [
                {"StorageClass": "STANDARD_IA", "Days": 30},
                {"StorageClass": "GLACIER", "Date": datetime(2031, 2, 3, tzinfo=UTC)},
            ],
        },
    ),
    "noncurrent": (
        {
            "NoncurrentVersionExpiration": {"NoncurrentDays": 9, "NewerNoncurrentVersions": 2},
            "NoncurrentVersionTransitions": [
                {"StorageClass": "GLACIER", "TransitionInDays": 3, "NewerNoncurrentVersions": 1}
            ],
        },
        {
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 9, "NewerNoncurrentVersions": 2},
            "NoncurrentVersionTransitions": [
                {"StorageClass": "GLACIER", "NoncurrentDays": 3, "NewerNoncurrentVersions": 1}
            ],
        },
    ),
    "noncurrent, old form": (
        {
            "NoncurrentVersionExpirationInDays": 9,
            "NoncurrentVersionTransition": {"StorageClass": "GLACIER", "TransitionInDays": 3},
        },
        {
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 9},
            "NoncurrentVersionTransitions": [{"StorageClass": "GLACIER", "NoncurrentDays": 3}],
        },
    ),
    "abort": (
        {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
        {"Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
    ),
}


@pytest.mark.parametrize("way", [created, deployed])
@pytest.mark.parametrize(("written", "applied"), RULES.values(), ids=RULES.keys())
def test_a_rule_of_a_template_is_applied(
    mended: moto.Moto, way: Callable[..., str], written: dict[str, Any], applied: dict[str, Any]
) -> None:
    bucket, template = bucket_with(LifecycleConfiguration={"Rules": [{"Status": "Enabled", **written}]})
    assert stack(mended, way(mended, template))["StackStatus"] == "CREATE_COMPLETE"
    assert rules_of(mended, bucket) == [applied]


OTHERS: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "versioning": ({"VersioningConfiguration": {"Status": "Enabled"}}, "get_bucket_versioning", {"Status": "Enabled"}),
    "public access": (
        {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}},
        "get_public_access_block",
        {
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "IgnorePublicAcls": False,
                "BlockPublicPolicy": False,
                "RestrictPublicBuckets": False,
            }
        },
    ),
    "ownership": (
        {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
        "get_bucket_ownership_controls",
        {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
    ),
}


def asked(emulator: moto.Moto, operation: str, bucket: str) -> dict[str, Any]:
    answer = getattr(emulator.access.client("s3"), operation)(Bucket=bucket)
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


@pytest.mark.parametrize(("properties", "operation", "applied"), OTHERS.values(), ids=OTHERS.keys())
def test_a_property_of_a_bucket_is_applied(
    mended: moto.Moto, properties: dict[str, Any], operation: str, applied: dict[str, Any]
) -> None:
    bucket, template = bucket_with(**properties)
    created(mended, template)
    assert asked(mended, operation, bucket) == applied


@pytest.mark.parametrize(("properties", "operation", "applied"), OTHERS.values(), ids=OTHERS.keys())
def test_moto_itself_ignores_it(
    unmended: moto.Moto, properties: dict[str, Any], operation: str, applied: dict[str, Any]
) -> None:
    bucket, template = bucket_with(**properties)
    created(unmended, template)
    found: dict[str, Any] = {}
    with suppress(ClientError):  # not there at all
        found = asked(unmended, operation, bucket)
    assert found != applied


def test_moto_itself_ignores_lifecycle_rules(unmended: moto.Moto) -> None:
    bucket, template = bucket_with(LifecycleConfiguration={"Rules": [{"Status": "Enabled", "ExpirationInDays": 9}]})
    created(unmended, template)
    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
        rules_of(unmended, bucket)


def test_the_default_minimum_size_is_applied(mended: moto.Moto) -> None:
    size = "varies_by_storage_class"
    rule = {"Status": "Enabled", "ExpirationInDays": 9}
    bucket, template = bucket_with(LifecycleConfiguration={"Rules": [rule], "TransitionDefaultMinimumObjectSize": size})
    created(mended, template)
    assert asked(mended, "get_bucket_lifecycle_configuration", bucket)["TransitionDefaultMinimumObjectSize"] == size


def test_an_update_applies_what_changed_and_takes_back_what_is_gone(mended: moto.Moto) -> None:
    rule = {"Status": "Enabled", "ExpirationInDays": 9}
    on = {"VersioningConfiguration": {"Status": "Enabled"}, "Tags": [{"Key": "a", "Value": "1"}]}
    bucket, template = bucket_with(LifecycleConfiguration={"Rules": [rule]}, **on)
    name = deployed(mended, template)
    deployed(mended, template.replace('"ExpirationInDays": 9', '"ExpirationInDays": 12'), name)
    assert rules_of(mended, bucket)[0]["Expiration"] == {"Days": 12}
    assert stack(mended, name)["StackStatus"] == "UPDATE_COMPLETE"
    bare = json.dumps({"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": bucket}}}})
    deployed(mended, bare, name)
    assert asked(mended, "get_bucket_versioning", bucket) == {"Status": "Suspended"}
    for operation in ("get_bucket_lifecycle_configuration", "get_bucket_tagging"):
        with pytest.raises(ClientError, match="NoSuch"):
            asked(mended, operation, bucket)


def test_tags_of_a_bucket_without_a_name_are_updated(mended: moto.Moto) -> None:
    def template(value: str) -> str:
        return f"Resources: {{B: {{Type: AWS::S3::Bucket, Properties: {{Tags: [{{Key: a, Value: {value}}}]}}}}}}"

    name = created(mended, template("one"))
    mended.access.client("cloudformation").update_stack(StackName=name, TemplateBody=template("two"))
    resources = mended.access.client("cloudformation").describe_stack_resources(StackName=name)["StackResources"]
    assert asked(mended, "get_bucket_tagging", resources[0]["PhysicalResourceId"])["TagSet"] == [
        {"Key": "a", "Value": "two"}
    ]


POLICY = """
Parameters: {Who: {Type: String, Default: alice}}
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Deny, Principal: !Sub "${Who}", Action: "s3:*", Resource: !Sub "${Bucket.Arn}/*"}]
Outputs:
  Name: {Value: !Ref Bucket, Export: {Name: !Sub "${AWS::StackName}-name"}}
"""


def test_a_bucket_policy_is_put_changed_and_deleted_with_its_stack(mended: moto.Moto) -> None:
    name = deployed(mended, POLICY)
    bucket = stack(mended, name)["Outputs"][0]["OutputValue"]
    policy = json.loads(asked(mended, "get_bucket_policy", bucket)["Policy"])
    assert policy["Version"] == "2012-10-17"
    assert policy["Statement"][0]["Resource"] == f"arn:aws:s3:::{bucket}/*"
    deployed(mended, POLICY, name, Who="bob")  # named in a Sub alone
    assert json.loads(asked(mended, "get_bucket_policy", bucket)["Policy"])["Statement"][0]["Principal"] == "bob"
    mended.access.client("cloudformation").delete_stack(StackName=name)
    assert bucket not in [one["Name"] for one in mended.access.client("s3").list_buckets()["Buckets"]]


def test_moto_itself_knows_no_bucket_policy_and_says_nothing(unmended: moto.Moto) -> None:
    name = created(unmended, POLICY)
    assert stack(unmended, name)["StackStatus"] == "CREATE_COMPLETE"
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        asked(unmended, "get_bucket_policy", stack(unmended, name)["Outputs"][0]["OutputValue"])


def test_a_change_set_leaves_outputs_and_exports(mended: moto.Moto) -> None:
    name = deployed(mended, POLICY)
    output = stack(mended, name)["Outputs"][0]
    assert (output["OutputKey"], output["ExportName"]) == ("Name", f"{name}-name")
    exports = mended.access.client("cloudformation").list_exports()["Exports"]
    assert f"{name}-name" in [one["Name"] for one in exports]


def test_moto_itself_leaves_none(unmended: moto.Moto) -> None:
    assert "Outputs" not in stack(unmended, deployed(unmended, POLICY))


def test_what_is_left_out_is_said_in_the_events(mended: moto.Moto) -> None:
    _, template = bucket_with(AccelerateConfiguration={"AccelerationStatus": "Enabled"})
    told = events(mended, created(mended, template))
    assert ("Bucket", "CREATE_COMPLETE", "this emulator (moto) leaves out: AccelerateConfiguration") in told


FAILING = {
    "unknown type": ("{Type: AWS::S3::Buckte}", "this emulator (moto) cannot deploy AWS::S3::Buckte"),
    "bad rule": (
        "{Type: AWS::S3::Bucket, Properties: {BucketName: failing, LifecycleConfiguration: {Rules: [{Prefix: x}]}}}",
        "missing or unknown: 'Status'",
    ),
    "attribute that is not there": (
        "{Type: AWS::S3::Bucket, Properties: {BucketName: !GetAtt Good.Nonsense}}",
        "does not support attribute type Nonsense",
    ),
    "policy that is none": (
        "{Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref Good, PolicyDocument: {Version: 2012-10-17}}}",
        "Missing required field Statement",
    ),
}


@pytest.mark.parametrize("way", [created, deployed])
@pytest.mark.parametrize(("resource", "why"), FAILING.values(), ids=FAILING.keys())
def test_a_failed_stack_names_the_resource_and_the_reason_and_leaves_nothing(
    mended: moto.Moto, way: Callable[..., str], resource: str, why: str
) -> None:
    before = mended.access.client("s3").list_buckets()["Buckets"]
    name = way(
        mended, f"Resources: {{Good: {{Type: AWS::S3::Bucket}}, Bad: {resource}}}\nOutputs: {{O: {{Value: !Ref Good}}}}"
    )
    assert stack(mended, name)["StackStatus"] == "ROLLBACK_COMPLETE"
    told = [(status, reason) for what, status, reason in events(mended, name) if what == "Bad"]
    assert [status for status, _ in told] == ["CREATE_FAILED"]
    assert why in told[0][1]
    described = mended.access.client("cloudformation").describe_stack_resources(StackName=name)
    assert described["StackResources"] == []
    assert "Outputs" not in stack(mended, name)
    assert mended.access.client("s3").list_buckets()["Buckets"] == before


def test_a_failed_update_goes_back(mended: moto.Moto) -> None:
    rule = {"Status": "Enabled", "ExpirationInDays": 9}
    bucket, template = bucket_with(LifecycleConfiguration={"Rules": [rule]})
    name = deployed(mended, template)
    wrong = template.replace(
        '"ExpirationInDays": 9', '"ExpirationInDays": 12, "NoncurrentVersionExpiration": {"NewerNoncurrentVersions": 2}'
    )
    deployed(mended, wrong, name)
    assert stack(mended, name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert ("Bucket", "UPDATE_FAILED") in [one[:2] for one in events(mended, name)]
    assert rules_of(mended, bucket)[0]["Expiration"] == {"Days": 9}
    mended.access.client("cloudformation").update_stack(StackName=name, TemplateBody=wrong)
    assert stack(mended, name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"


def test_a_change_set_without_changes_fails_and_says_so(mended: moto.Moto) -> None:
    cloudformation = mended.access.client("cloudformation")
    name = deployed(mended, POLICY)  # by its default
    change_set = cloudformation.create_change_set(
        StackName=name,
        ChangeSetName="same",
        ChangeSetType="UPDATE",
        TemplateBody=POLICY,
        Parameters=[{"ParameterKey": "Who", "UsePreviousValue": True}],
    )["Id"]
    described = cloudformation.describe_change_set(ChangeSetName=change_set)
    assert described["Status"] == "FAILED"
    assert "didn't contain changes" in described["StatusReason"]


def test_a_stack_that_was_rolled_back_cannot_be_updated(mended: moto.Moto) -> None:
    name = deployed(mended, f"Resources: {{Bad: {FAILING['unknown type'][0]}}}")
    mended.access.client("cloudformation").get_template_summary(StackName=name)
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        deployed(mended, POLICY, name)


def test_moto_itself_refuses_a_change_set_without_changes(unmended: moto.Moto) -> None:
    name = created(unmended, POLICY, Who="carol")
    with pytest.raises(ClientError, match="No updates are to be performed"):
        deployed(unmended, POLICY, name, Who="carol")


def test_moto_itself_fails_with_the_stack_in_progress_for_ever(unmended: moto.Moto) -> None:
    bad = "Resources: {Bad: {Type: AWS::S3::Bucket, Properties: {BucketEncryption: {}}}}"
    with pytest.raises(ClientError):
        created(unmended, bad)
    name = f"stack-{next(NUMBERS) - 1}"
    assert stack(unmended, name)["StackStatus"] == "CREATE_IN_PROGRESS"


def test_moto_itself_leaves_an_unknown_type_out_and_says_nothing(unmended: moto.Moto) -> None:
    name = created(unmended, f"Resources: {{Bad: {FAILING['unknown type'][0]}}}")
    assert stack(unmended, name)["StackStatus"] == "CREATE_COMPLETE"


REFUSED = {
    "a Ref to nothing": (
        "Resources: {B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Nope}}}",
        r"dependencies \[Nope\] in the Resources",
    ),
    "a Sub of nothing": (
        "Resources: {B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub 'a-${Nope}'}}}",
        r"dependencies \[Nope\]",
    ),
    "an output of nothing": (
        "Resources: {B: {Type: AWS::S3::Bucket}}\nOutputs: {O: {Value: !GetAtt C.Arn}}",
        r"\[C\] in the Outputs",
    ),
    "no type": ("Resources: {B: {Properties: {}}}", r"\[/Resources/B\] Every Resources object must contain a Type"),
    "null": ("Resources: {B: {Type: AWS::S3::Bucket, Properties: }}", r"\[/Resources/B/Properties\] 'null' values"),
    "no resources": ("Parameters: {}", "At least one Resources member"),
    "half a mapping": ("Resources: {B: {", r"YAML not well-formed\. \(line 1, column 17\)"),
    "half an object": ('{"Resources": {"B": }}', r"JSON not well-formed\. \(line 1, column 21\)"),
    "a list": ("[1, 2]", "unsupported structure"),
}


@pytest.mark.parametrize("way", [created, deployed])
@pytest.mark.parametrize(("template", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_a_template_that_aws_refuses_is_refused_at_once(
    mended: moto.Moto, way: Callable[..., str], template: str, words: str
) -> None:
    with pytest.raises(ClientError, match=rf"\(ValidationError\).*Template format error: .*{words}"):
        way(mended, template)


def test_names_of_ones_own_pseudo_parameters_and_literals_are_no_references(mended: moto.Moto) -> None:
    template = """
Conditions: {Never: !Equals [a, b]}
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties:
      Tags:
        - {Key: a, Value: !Sub ["${Own}-${AWS::Region}-${!Literal}", {Own: !Select [0, [x, y]]}]}
        - !If [Never, {Key: b, Value: c}, !Ref AWS::NoValue]
"""
    name = created(mended, template)
    resource = mended.access.client("cloudformation").describe_stack_resources(StackName=name)["StackResources"][0]
    tags = asked(mended, "get_bucket_tagging", resource["PhysicalResourceId"])["TagSet"]
    assert tags == [{"Key": "a", "Value": "x-us-east-1-${Literal}"}]


def intruding(mark: Path) -> str:
    return f'Resources: !!python/object/apply:os.system ["touch {mark}"]'


def test_what_is_in_a_template_is_never_run(mended: moto.Moto, tmp_path: Path) -> None:
    cloudformation = mended.access.client("cloudformation")
    template = intruding(tmp_path / "mark")
    for call in (cloudformation.create_stack, cloudformation.get_template_summary, cloudformation.validate_template):
        arguments = {"StackName": "intruder"} if call == cloudformation.create_stack else {}
        with pytest.raises(ClientError):
            call(TemplateBody=template, **arguments)
    assert list(tmp_path.iterdir()) == []


def test_moto_itself_runs_it(unmended: moto.Moto, tmp_path: Path) -> None:
    with pytest.raises(ClientError):
        created(unmended, intruding(tmp_path / "mark"))
    assert [one.name for one in tmp_path.iterdir()] == ["mark"]
