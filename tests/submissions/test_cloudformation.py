from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from grader.access import Access
from grader.errors import CannotDeploy, EmulatorError
from grader.submissions import Run, StageRun, cloudformation, template
from grader.submissions.cloudformation import CloudFormationStage, camel_case
from grader.submissions.template import TemplateError

Runner = Callable[..., Run]
Tell = Callable[..., None]

TEMPLATE = """\
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Bucket: {Type: String}
  IaDays: {Type: Number, Default: 1}
  Unknown: {Type: String, Default: fallback}
Conditions:
  Always: !Equals [!Ref Unknown, fallback]
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "${Bucket}-${IaDays}-${Unknown}"
  Topic:
    Type: AWS::SNS::Topic
    Condition: Always
    Properties:
      TopicName: !Join ["-", [!GetAtt Queue.QueueName, topic]]
"""


@dataclass
class Story:
    """A CloudFormation that tells a story."""

    statuses: Iterator[str]
    events: Sequence[dict[str, Any]] = ()

    def create_stack(self, **_: Any) -> None:
        pass

    def describe_stacks(self, **_: Any) -> Any:
        return {"Stacks": [{"StackStatus": next(self.statuses), "StackStatusReason": "because"}]}

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, **_: Any) -> Any:
        return [{"StackEvents": [event]} for event in reversed(self.events)]  # the newest first, as AWS has it


@pytest.fixture
def tell(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets the next stack have these statuses, in turn, and these events."""

    def tell(*statuses: str, events: Sequence[dict[str, Any]] = ()) -> None:
        monkeypatch.setattr(Access, "client", lambda *_, **__: Story(iter(statuses), events))

    return tell


def event(resource: str, status: str, reason: str = "", kind: str = "AWS::S3::Bucket") -> dict[str, Any]:
    return {
        **{"LogicalResourceId": resource, "ResourceStatus": status, "ResourceStatusReason": reason},
        "ResourceType": kind,
    }


def only(run: Run) -> StageRun:
    (stage,) = run.stages
    return stage


def test_a_template_is_deployed_with_the_parameters_that_it_declares(run: Runner, access: Access) -> None:
    parameters = {"bucket": "b1", "ia_days": 30, "glacier_days": 90}
    stage = only(run({"template.yaml": "\N{ZERO WIDTH NO-BREAK SPACE}" + TEMPLATE}, access, parameters))
    assert (stage.ended.exit_code, stage.message) == (0, None)
    assert "CREATE_COMPLETE AWS::CloudFormation::Stack labgrade-template\n" in stage.ended.stdout
    queues = access.client("sqs").list_queues()["QueueUrls"]
    assert [url.rpartition("/")[2] for url in queues] == ["b1-30-fallback"]
    assert access.client("sns").list_topics()["Topics"][0]["TopicArn"].endswith(":b1-30-fallback-topic")


def test_a_template_in_json_is_deployed(run: Runner, access: Access) -> None:
    resources = {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Bucket"}}}}
    text = json.dumps({"Parameters": {"Bucket": {"Type": "String"}}, "Resources": resources})
    assert only(run({"template.json": text}, access, {"bucket": "b2"})).succeeded
    assert access.client("sqs").list_queues()["QueueUrls"][0].endswith("/b2")


def test_a_script_after_it_finds_its_resources(run: Runner, access: Access) -> None:
    script = "import boto3; print(boto3.client('sqs').get_queue_url(QueueName='b-1-fallback')['QueueUrl'])"
    result = run({"template.yaml": TEMPLATE, "main.py": script}, access, {"bucket": "b"})
    assert [stage.ended.exit_code for stage in result.stages] == [0, 0]


def test_what_cloudformation_refuses_is_said(run: Runner, access: Access) -> None:
    text = "Resources:\n  Net:\n    Type: AWS::EC2::Subnet\n    Properties: {VpcId: vpc-x, CidrBlock: 10.0.0.0/24}\n"
    stage = only(run({"template.yaml": text}, access))
    assert stage.ended.exit_code == 1
    assert "vpc-x does not exist" in str(stage.message)


def test_a_failed_resource_is_named_with_its_reason(run: Runner, tell: Tell) -> None:
    events = [
        event("labgrade-template", "CREATE_IN_PROGRESS", "User Initiated", "AWS::CloudFormation::Stack"),
        event("Other", "CREATE_FAILED", "Resource creation cancelled"),
        event("Photos", "CREATE_FAILED", "The bucket\n  exists already"),
        event("Later", "CREATE_FAILED", "No"),
        event("labgrade-template", "CREATE_FAILED", "The following resource(s) failed to create: [Photos]."),
    ]
    tell("CREATE_IN_PROGRESS", "ROLLBACK_COMPLETE", events=events)
    stage = only(run({"template.yaml": "Resources: {}"}))
    assert stage.ended.exit_code == 1
    assert str(stage.message) == "Photos (AWS::S3::Bucket) could not be created: The bucket exists already"
    assert stage.message is not None
    assert stage.message.args["resource"] == "Photos"
    assert "CREATE_FAILED AWS::S3::Bucket Photos The bucket exists already\n" in stage.ended.stdout


GAP = "this emulator (moto) cannot deploy it, if AWS has such a type"


def test_a_type_that_aws_has_and_the_emulator_lacks_is_not_the_students_fault(run: Runner, tell: Tell) -> None:
    tell("ROLLBACK_COMPLETE", events=[event("Alarm", "CREATE_FAILED", GAP, "AWS::CloudWatch::Alarm")])
    with pytest.raises(EmulatorError, match="cannot deploy AWS::CloudWatch::Alarm, which AWS can"):
        run({"template.yaml": "Resources: {}"})


@pytest.mark.parametrize(
    ("types", "whose"),
    [("AWS::EC2::EIP, AWS::EC2::NatGateway", "ours"), ("AWS::EC2::EIP, AWS::EC2::NatGatewya", "theirs")],
)
def test_a_template_refused_for_types_is_the_students_fault_only_where_aws_has_them_not(
    types: str, whose: str, run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_deployment: object, _body: str, _values: object) -> None:
        said = {"Code": "ValidationError", "Message": f"Template format error: Unrecognized resource types: [{types}]"}
        raise ClientError({"Error": said}, "CreateStack")

    monkeypatch.setattr(cloudformation._Deployment, "create", refuse)
    if whose == "ours":
        with pytest.raises(CannotDeploy, match="cannot deploy AWS::EC2::EIP, AWS::EC2::NatGateway, which AWS can"):
            run({"template.yaml": "Resources: {}"})
    else:
        stage = only(run({"template.yaml": "Resources: {}"}))
        assert "CloudFormation refuses it (ValidationError)" in str(stage.message)


def test_what_leans_on_a_stopgap_of_the_emulators_is_not_the_students_fault(run: Runner, tell: Tell) -> None:
    stopgap = "Resource type AWS::EC2::EIP is not supported but was deployed as a fallback"
    events = [
        event("Address", "CREATE_COMPLETE", stopgap, "AWS::EC2::EIP"),
        event("Nat", "CREATE_FAILED", "Allocation ID '['unknown']' not found", "AWS::EC2::NatGateway"),
    ]
    tell("ROLLBACK_COMPLETE", events=events)
    with pytest.raises(CannotDeploy, match="cannot deploy AWS::EC2::EIP, which AWS can"):
        run({"template.yaml": "Resources: {}"})


@pytest.mark.parametrize(
    ("body", "whose"), [("Resources: {A: !Select [0, !Cidr [10.0.0.0/16, 2, 8]]}", "ours"), ("Resources: {}", "theirs")]
)
def test_a_block_that_the_emulator_cannot_choose_is_not_the_students_fault(
    body: str, whose: str, run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(deployment: Any, text: str, _values: object) -> None:
        deployment.body = text
        said = "Template error: Fn::Select requires a list argument with two elements: an integer index and a list"
        raise ClientError({"Error": {"Code": "ValidationError", "Message": said}}, "CreateStack")

    monkeypatch.setattr(cloudformation._Deployment, "create", refuse)
    if whose == "ours":
        with pytest.raises(CannotDeploy, match="cannot deploy Fn::Select of Fn::Cidr"):
            run({"template.yaml": body})
    else:
        assert "Fn::Select requires a list" in str(only(run({"template.yaml": body})).message)


def test_a_type_that_aws_has_not_is_the_students_fault(run: Runner, tell: Tell) -> None:
    tell("ROLLBACK_COMPLETE", events=[event("Alarm", "CREATE_FAILED", GAP, "AWS::CloudWatch::Alarn")])
    assert "Alarm (AWS::CloudWatch::Alarn) could not be created" in str(
        only(run({"template.yaml": "Resources: {}"})).message
    )


def test_a_failed_stack_without_events_tells_its_own_reason(run: Runner, tell: Tell) -> None:
    tell("CREATE_FAILED")
    stage = only(run({"template.yaml": "Resources: {}"}))
    assert str(stage.message) == "The stack ended as CREATE_FAILED: because"


def test_a_stack_that_never_settles_runs_into_its_time(run: Runner, tell: Tell) -> None:
    tell(*["CREATE_IN_PROGRESS"] * 1000)
    stage = only(run({"template.yaml": "Resources: {}"}, seconds=0.3))
    assert (stage.ended.exit_code, stage.ended.timed_out) == (None, True)
    assert str(stage.message) == "The stack was still CREATE_IN_PROGRESS when its time ran out."


def test_an_emulator_that_does_not_answer_fails_the_stage(run: Runner) -> None:
    stage = only(run({"template.yaml": "Resources: {}"}))
    assert stage.ended.exit_code == 1
    assert "template.yaml: CloudFormation does not answer: Could not connect" in str(stage.message)


def test_a_reason_is_of_bounded_length(run: Runner, tell: Tell) -> None:
    tell("ROLLBACK_COMPLETE", events=[event("A", "CREATE_FAILED", "x" * 9999)])
    assert len(str(only(run({"template.yaml": "Resources: {}"})).message)) < 800


def test_an_emulator_that_hangs_runs_into_the_stages_time(run: Runner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        access = Access(f"http://127.0.0.1:{silent.getsockname()[1]}")
        stage = only(run({"template.yaml": "Resources: {}"}, access, seconds=1))
    assert (stage.ended.exit_code, stage.ended.timed_out) == (None, True)
    assert str(stage.message) == "template.yaml: CloudFormation did not answer in time."
    assert stage.ended.seconds < 5


def test_two_templates_make_two_stacks(run: Runner, access: Access) -> None:
    one = "Resources: {A: {Type: AWS::SNS::Topic}}\nOutputs: {T: {Value: !Ref A, Export: {Name: topic}}}\n"
    two = "Resources: {B: {Type: AWS::SQS::Queue}}\nOutputs: {O: {Value: !ImportValue topic}}\n"
    files = {"net_work.yaml": one, "2.yaml": two, "labgrade.toml": 'order = ["net_work.yaml", "2.yaml"]'}
    assert [stage.message for stage in run(files, access).stages] == [None, None]
    stacks = access.client("cloudformation").describe_stacks()["Stacks"]
    assert {stack["StackName"] for stack in stacks} == {"labgrade-net-work", "labgrade-2"}


def test_a_parameter_that_the_lab_does_not_have_is_named(run: Runner) -> None:
    text = "Parameters:\n  BucketName: {Type: String}\nResources: {}"
    stage = only(run({"template.yaml": text}, parameters={"bucket": "b", "ia_days": 3}))
    assert stage.ended.exit_code == 1
    assert str(stage.message) == (
        "template.yaml: no value for the parameter BucketName: it has no default, and the lab only has Bucket, IaDays."
    )


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("template.yaml", "Resources:\n  A: 1\n B: 2\n", "template.yaml, line 3, column 2: did not find expected key."),
        ("template.yaml", "Resources: [", "did not find expected node content."),
        ("template.yaml", "a\tb: 1\n\tc: 2\n", "template.yaml, line 2, column 1: found "),
        ("template.json", '{"Resources": {},\n  }', "template.json, line 2, column 3: Expecting property name"),
        ("template.yaml", "- Resources", "template.yaml: is not a template"),
        ("template.json", "[]", "template.json: is not a template"),
        ("template.json", '{"Parameters": []}', "template.json: is not a template"),
        ("template.yaml", "# nothing", "template.yaml: is not a template"),
        ("template.yaml", "Resources: {}\n---\nResources: {}", "line 2, column 1: but found another document."),
        ("template.yaml", b"Resources: caf\xe9", "template.yaml: is not UTF-8 text."),
        ("template.yaml", "A: &a [1]\nB: *a\n", "line 2, column 4: CloudFormation takes no YAML aliases (*name)"),
        ("template.yaml", "a: " + "[" * 200 + "]" * 200, "line 1, column 103: is nested too deeply."),
        ("template.json", '{"a":' * 100_000, "template.json: is nested too deeply."),
        ("template.yaml", "Resources: \x07", "template.yaml: is not YAML: "),
    ],
)
def test_a_template_that_does_not_parse_is_told_where(run: Runner, name: str, text: str, message: str) -> None:
    stage = only(run({name: text}))
    assert stage.ended.exit_code == 1
    assert message in str(stage.message)
    assert "\n" not in str(stage.message)


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    with pytest.raises(TemplateError, match="line 2, column 10: CloudFormation takes no YAML aliases"):
        template.read("template.yaml", "\n".join(lines).encode())


def test_no_object_is_made_of_a_tag() -> None:
    text = b"Parameters:\n  A: !!python/object/apply:os.abort []\n  B: !Ref C\n"
    assert template.read("t.yaml", text).parameters == {"A": False, "B": False}


def test_a_template_beyond_the_limit_is_refused() -> None:
    with pytest.raises(TemplateError, match="1 MiB at most"):
        template.read("t.yaml", b"#" * (template.SIZE_BYTES + 1))


@pytest.mark.parametrize(
    ("name", "camel"), [("bucket", "Bucket"), ("ia_days", "IaDays"), ("vpc-cidr", "VpcCidr"), ("az2", "Az2")]
)
def test_a_parameter_goes_by_its_camel_case_name(name: str, camel: str) -> None:
    assert camel_case(name) == camel


def test_lists_and_truths_are_written_as_cloudformation_reads_them(run: Runner, access: Access) -> None:
    text = (
        "Parameters:\n  Zones: {Type: CommaDelimitedList}\n  Public: {Type: String}\n"
        "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n"
        "    Properties:\n      QueueName: !Join ['-', [!Select [1, !Ref Zones], !Ref Public]]\n"
    )
    assert only(run({"template.yaml": text}, access, {"zones": ["a", "b"], "public": True})).message is None
    assert access.client("sqs").list_queues()["QueueUrls"][0].endswith("/b-true")


def test_an_entry_is_known_by_its_last_name() -> None:
    stage = CloudFormationStage("infra/template.yaml")
    assert stage.owned_by("aws cloudformation deploy --template-file infra/template.yaml")
    assert not stage.owned_by("aws cloudformation deploy --template-file other.yaml")
