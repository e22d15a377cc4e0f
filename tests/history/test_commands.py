"""What a script says is what was asked: by way of bash and the AWS CLI's own parser, everything arrives as it was."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from history.works import KEYS

from grader.emulators import moto
from grader.emulators.moto import journal
from grader.history import History, written
from grader.history.reading import understood

HOSTILE = 'it\'s "$HOME" `id` \\ ! é\n#end'


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[moto.Moto, Path]]:
    path = tmp_path_factory.mktemp("history") / "journal"
    record = {"journal": str(path), "seed": "seed", "keys": KEYS}
    with moto.launch(services=["s3", "ec2", "sqs", "sns", "kms"], record=record).ready(60) as started:
        yield started, path


@pytest.fixture
def told(running: tuple[moto.Moto, Path]) -> Any:
    """What is told of the calls that the test makes."""
    started, path = running
    before = len(list(journal.lines(path)))

    def tell(beside: str = "", **parameters: Any) -> History:
        lines = list(journal.lines(path))[before:]
        endpoint = started.access.endpoint
        return written(lines, parameters=parameters, endpoint=endpoint, region="us-east-1", beside=beside)

    tell.client = started.access.client  # type: ignore[attr-defined]
    return tell


def runs(told: History, place: Path) -> list[list[str]]:
    """The words of each `aws` that the script calls, and the content of the files that it names to them."""
    fake = place / "aws"
    fake.write_text(
        "#!/usr/bin/env python3\nimport json, os, sys\n"
        "files = {w: open(w.removeprefix('fileb://').removeprefix('file://'), 'rb').read().hex()"
        " for w in sys.argv[1:] if os.environ['TMPDIR'] in w}\n"
        "print(json.dumps([sys.argv[1:], files]), file=open(os.environ['SAID'], 'a'))\n"
        "print('id-1\\tid-2' if sys.argv[-3][:1] == '[' else 'id-1')\n"
    )
    fake.chmod(0o755)
    script = place / "main.sh"
    script.write_text(told.script)
    environment = {"PATH": f"{place}:/usr/local/bin:/usr/bin:/bin", "SAID": str(place / "said"), "TMPDIR": str(place)}
    done = subprocess.run(["bash", script], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in place.iterdir()) == ["aws", "main.sh", "said"]  # what it made is gone
    return [json.loads(line) for line in (place / "said").read_text().splitlines()]


def parameters(words: list[str]) -> tuple[str, dict[str, Any]]:
    """The call that the AWS CLI makes of it: its own parser, in this process, and no request."""
    from awscli.clidriver import create_clidriver
    from botocore.awsrequest import AWSResponse

    driver = create_clidriver()
    asked: list[tuple[str, dict[str, Any]]] = []
    driver.session.register(
        "provide-client-params.*.*", lambda params, model, **_: asked.append((model.name, dict(params)))
    )
    driver.session.register("before-send.*.*", lambda request, **_: AWSResponse(request.url, 400, {}, _Nothing()))
    driver.main([*words, "--region", "us-east-1", "--endpoint-url", "http://127.0.0.1:1"])
    assert asked, words
    return asked[0]


class _Nothing:
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield b""


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "text that means something to a shell": ("kms", "create_key", {"Description": HOSTILE}),
    "text that looks like an option": ("kms", "create_key", {"Description": "--profile"}),
    "text that looks like a file": ("kms", "create_key", {"Description": "file:///etc/passwd"}),
    "empty text": ("kms", "create_key", {"Description": ""}),
    "text that looks like JSON": ("kms", "create_key", {"Description": "[1, 2]"}),
    "structures": (
        "ec2", "create_vpc",
        {"CidrBlock": "10.0.0.0/16", "TagSpecifications": [
            {"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": HOSTILE}, {"Key": "$x", "Value": "=,[]{}"}]}]},
    ),
    "lists that the CLI would take apart": (
        "sns", "create_topic", {"Name": "topic", "Tags": [{"Key": "a,b", "Value": "c=d"}]},
    ),
    "maps": ("sqs", "create_queue", {"QueueName": "queue", "Attributes": {"Policy": json.dumps({"a": HOSTILE})}}),
    "an option that the CLI has for itself": (
        "cloudformation", "create_stack",
        {"StackName": "stack", "TemplateBody": "Resources:\n  A:\n    Type: AWS::SNS::Topic\n  # it's $HOME\n"},
    ),
    "a number that is not whole": (
        "cloudwatch", "put_metric_alarm",
        {"AlarmName": "a", "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Threshold": -1.5,
         "MetricName": "m", "Namespace": "n", "Period": 60, "Statistic": "Sum", "ActionsEnabled": False},
    ),
    "a yes that the CLI says as a no": (
        "ec2", "run_instances",
        {"ImageId": "ami-12c6146b", "MinCount": 1, "MaxCount": 2, "InstanceType": "t3.micro", "EbsOptimized": True},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CALLS)
def test_what_arrives_is_what_was_asked(what: str, told: Any, tmp_path: Path) -> None:
    service, operation, asked = CALLS[what]
    getattr(told.client(service), operation)(**asked)
    words, files = runs(told(), tmp_path)[0]
    for word, content in files.items():
        (tmp_path / Path(word).name).parent.mkdir(exist_ok=True)
        Path(word.removeprefix("file://")).parent.mkdir(exist_ok=True)
        Path(word.removeprefix("file://")).write_bytes(bytes.fromhex(content))
    name, arrived = parameters(words)
    assert name.lower() == operation.replace("_", "")
    assert arrived == asked


@pytest.mark.parametrize(
    "body",
    [b"", b"one line", b"two\nlines\n", b"END\nEND_\n", b"no end\n\nof it", b"\x00\xff\r\n", "é$HOME`id`\n".encode(),
     b"-n\n", b"a\r\n", b"x" * 65_537],
    ids=["empty", "line", "lines", "delimiter", "torn", "binary", "shell", "option", "windows", "large"],
)  # fmt: skip
def test_a_body_arrives_to_the_byte(body: bytes, told: Any, tmp_path: Path) -> None:
    s3 = told.client("s3")
    s3.create_bucket(Bucket="a-bucket")
    s3.put_object(Bucket="a-bucket", Key="key", Body=body, Metadata={"under_score": "a ='b"})
    (_, _), (words, files) = runs(told(), tmp_path)
    asked = dict(zip(words[2::2], words[3::2], strict=True))
    assert json.loads(asked["--metadata"]) == {"under_score": "a ='b"}
    if body:
        assert bytes.fromhex(files[asked["--body"]]) == body
    else:
        assert "--body" not in asked


def test_a_large_body_lies_beside_the_script(told: Any) -> None:
    s3 = told.client("s3")
    s3.create_bucket(Bucket="b-bucket")
    s3.put_object(Bucket="b-bucket", Key="key", Body=b"x" * 100_000)
    alone, pair = told(), told(beside="main.files")
    assert alone.files == {}
    assert pair.files == {"main.files/1": b"x" * 100_000}
    assert '--body "$(dirname "$0")"/main.files/1' in pair.script
    assert len(pair.script) < 2000


def test_an_id_that_is_used_later_is_a_variable(told: Any) -> None:
    ec2 = told.client("ec2")
    first = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    second = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    unused = ec2.create_vpc(CidrBlock="10.3.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=second, CidrBlock="10.2.1.0/24")["Subnet"]["SubnetId"]
    ec2.create_tags(Resources=[first, subnet], Tags=[{"Key": "Name", "Value": "x"}])
    script = told().script
    assert not any(one in script for one in (first, second, unused, subnet))
    assert "\nVPC=$(aws ec2 create-vpc --cidr-block 10.1.0.0/16 --query Vpc.VpcId --output text)\n" in script
    assert "\nVPC_2=$(aws ec2 create-vpc --cidr-block 10.2.0.0/16 " in script
    assert "\naws ec2 create-vpc --cidr-block 10.3.0.0/16\n" in script
    assert '--vpc-id "$VPC_2"' in script
    assert 'create-tags --resources "$VPC" "$SUBNET"' in script


def test_two_ids_of_one_reply_are_caught_at_once(told: Any, tmp_path: Path) -> None:
    ec2 = told.client("ec2")
    address = ec2.allocate_address(Domain="vpc")
    ec2.create_tags(Resources=[address["AllocationId"]], Tags=[{"Key": "ip", "Value": address["PublicIp"]}])
    script = told().script
    assert "--query '[AllocationId, PublicIp]' --output text)\nread -r ALLOCATION PUBLIC_IP <<< \"$ANSWER\"\n" in script
    words, _ = runs(told(), tmp_path)[1]
    assert words[words.index("--resources") + 1] == "id-1"
    assert json.loads(words[words.index("--tags") + 1]) == [{"Key": "ip", "Value": "id-2"}]


def test_a_read_is_told_where_only_it_shows_an_id(told: Any) -> None:
    ec2 = told.client("ec2")
    ec2.create_vpc(CidrBlock="10.4.0.0/16")
    ec2.create_vpc(CidrBlock="10.5.0.0/16")
    ec2.describe_vpcs()
    ec2.describe_security_groups()
    tables = ec2.describe_route_tables()["RouteTables"]
    wanted = next(vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"] if vpc["CidrBlock"] == "10.5.0.0/16")
    table = next(one["RouteTableId"] for one in tables if one["VpcId"] == wanted)
    ec2.create_tags(Resources=[table], Tags=[{"Key": "Name", "Value": "main"}])
    history = told()
    assert "describe-security-groups" not in history.script
    assert table not in history.script
    assert "RouteTables[?VpcId==" in history.script or "ROUTE_TABLE=$(aws ec2 describe-route-tables" in history.script
    assert '--resources "$ROUTE_TABLE"' in history.script
    assert (history.commands, history.reads) == (3, 2)


def test_an_arn_inside_a_policy_is_a_variable(told: Any, tmp_path: Path) -> None:
    sqs, sns = told.client("sqs"), told.client("sns")
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    topic = sns.create_topic(Name="orders")["TopicArn"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Condition": topic, "Other": "it's"})})
    history = told()
    assert topic not in history.script
    assert url not in history.script
    words, _ = runs(history, tmp_path)[2]
    policy = json.loads(json.loads(words[words.index("--attributes") + 1])["Policy"])
    assert policy == {"Condition": "id-1", "Other": "it's"}


def test_what_was_said_before_it_came_back_is_no_id(told: Any) -> None:
    sqs = told.client("sqs")
    arn = "arn:aws:sqs:us-east-1:123456789012:dead-letters"
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
    sqs.create_queue(QueueName="dead-letters")
    sqs.create_queue(QueueName="letters", Attributes={"RedrivePolicy": redrive})
    sqs.get_queue_attributes(QueueUrl=sqs.get_queue_url(QueueName="dead-letters")["QueueUrl"], AttributeNames=["All"])
    sqs.create_queue(QueueName="more-letters", Attributes={"RedrivePolicy": redrive})
    assert told().script.count(arn) == 2


def test_an_id_that_nobody_returned_is_told_as_unknown(told: Any) -> None:
    foreign = "vpc-0123456789abcdef0"
    sqs = told.client("sqs")
    url = sqs.create_queue(QueueName="tagged")["QueueUrl"]
    sqs.tag_queue(QueueUrl=url, Tags={"network": foreign})
    assert told().unknown == (foreign,)


def test_names_of_the_lab_stand_for_themselves(told: Any) -> None:
    told.client("s3").create_bucket(Bucket="labgrade-hello-5e11a0")
    script = told(bucket="labgrade-hello-5e11a0", token="5e11a0", days=30).script
    assert 'create-bucket --bucket "$LAB_BUCKET"\n' in script


def test_a_token_made_for_one_call_is_not_said_again(told: Any) -> None:
    ec2 = told.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.1.0/24")["Subnet"]["SubnetId"]
    for token in ({}, {"ClientToken": "0b3a6a4e-0000-4000-8000-1234567890ab"}, {"ClientToken": "mine"}):
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address, **token)
    script = told().script
    assert script.count("--client-token") == 1
    assert "--client-token mine" in script
    assert script.count('aws ec2 wait nat-gateway-available --nat-gateway-ids "$NAT_GATEWAY') == 3


def test_a_stack_is_waited_for_and_what_it_made_is_found_in_it(told: Any) -> None:
    formation, sqs = told.client("cloudformation"), told.client("sqs")
    template = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}, "Other": {"Type": "AWS::SNS::Topic"}}})
    formation.create_stack(StackName="waited", TemplateBody=template)
    resources = formation.describe_stack_resources(StackName="waited")["StackResources"]
    url = next(one["PhysicalResourceId"] for one in resources if one["LogicalResourceId"] == "Queue")
    sqs.tag_queue(QueueUrl=url, Tags={"a": "b"})
    script = told().script
    assert "\naws cloudformation wait stack-create-complete --stack-name waited\n" in script
    assert "StackResources[?LogicalResourceId=='Queue'] | [0].PhysicalResourceId" in script
    assert '--queue-url "$QUEUE"' in script


def test_what_failed_and_what_only_looked_is_left_out_and_counted(told: Any) -> None:
    s3 = told.client("s3")
    s3.create_bucket(Bucket="c-bucket")
    s3.list_buckets()
    with pytest.raises(s3.exceptions.ClientError):
        s3.delete_bucket(Bucket="nowhere-at-all")
    history = told()
    assert (history.commands, history.reads, history.failed) == (1, 1, 1)
    assert history.script == ("#!/usr/bin/env bash\nset -eu\n\naws s3api create-bucket --bucket c-bucket\n")


def test_another_region_is_said(told: Any, running: tuple[moto.Moto, Path]) -> None:
    from dataclasses import replace

    replace(running[0].access, region="eu-west-1").client("sqs").create_queue(QueueName="far")
    assert "aws sqs create-queue --region eu-west-1 --queue-name far" in told().script


def test_a_body_in_signed_pieces_is_put_together() -> None:
    line = {
        "by": "student", "n": 1, "status": 200, "service": "s3", "region": "us-east-1", "method": "PUT", "path": "/b/k",
        "query": "", "headers": {"host": "127.0.0.1:1", "content-encoding": "aws-chunked"}, "operation": "",
        "body": "NTtjaHVuay1zaWduYXR1cmU9YWJjDQpoZWxsbw0KMQ0KIQ0KMA0KeC1hbXo6MQ0KDQo=", "reply": "",
    }  # fmt: skip
    call = understood(line)
    assert call is not None
    assert call.parameters == {"Bucket": "b", "Key": "k", "Body": b"hello!"}


@pytest.mark.parametrize(
    ("service", "operation", "asked"),
    [
        ("elbv2", "create_target_group", {"Name": "x", "TargetType": "lambda"}),
        ("cloudwatch", "put_metric_alarm", CALLS["a number that is not whole"][2]),
        ("sesv2", "create_email_identity", {"EmailIdentity": "a@example.org"}),
        ("apigatewayv2", "create_api", {"Name": "x", "ProtocolType": "HTTP"}),
        ("stepfunctions", "create_activity", {"name": "x"}),
    ],
)  # fmt: skip
def test_a_service_that_signs_with_anothers_name_is_known(
    service: str, operation: str, asked: dict[str, Any], told: Any
) -> None:
    client = told.client(service)
    try:
        getattr(client, operation)(**asked)
    except client.exceptions.ClientError as error:
        pytest.fail(str(error))
    history = told()
    assert history.untold == ()
    assert f"aws {service} {operation.replace('_', '-')}" in history.script


NONE = {"n": 1, "by": "student", "status": 200}
BROKEN = {"service": "s3", "method": "PUT", "path": "/\0", "headers": {}, "query": "%", "body": "!"}
STRANGE = {"service": "../..", "method": "X", "path": "", "query": "", "headers": {"x": 3}, "body": "", "reply": "x"}


@pytest.mark.parametrize("line", [{}, {"n": 1}, NONE, {**NONE, **BROKEN}, {**NONE, **STRANGE}])
def test_a_line_that_is_none_stops_nobody(line: dict[str, Any]) -> None:
    assert written([line], parameters={}, endpoint="http://x", region="us-east-1").commands == 0


SERVICES = ("s3", "ec2", "sqs", "sns", "kms", "cloudformation", "iam", "dynamodb", "sts", "logs")


@pytest.mark.slow
@pytest.mark.parametrize("service", SERVICES)
def test_every_option_is_one_of_the_aws_clis(service: str) -> None:
    """Of every operation, every parameter that would be said by an option of its own."""
    from awscli.clidriver import create_clidriver
    from botocore import xform_name

    from grader.history import options
    from grader.history.call import Call
    from grader.history.reading import _service_model

    commands = create_clidriver()._get_command_table()[options.SERVICES.get(service, service)]._get_command_table()
    model = _service_model(service)
    strange, looked_at = [], 0
    for operation in model.operation_names:
        shape = model.operation_model(operation).input_shape
        command = commands.get(xform_name(operation, "-"))
        if shape is None or not hasattr(command, "arg_table"):
            continue
        call = Call(service, operation, {}, model.operation_model(operation))
        for name, member in shape.members.items():
            looked_at += 1
            option = options._cli_name(call, name)
            said = [option, *([options._denied(call, option)] if member.type_name == "boolean" else [])]
            if set(said) - set(command.arg_table) and not options._needs_json(call, name, None, member):
                strange.append(f"{operation}.{name}")
    assert (strange, looked_at > 10) == ([], True)
