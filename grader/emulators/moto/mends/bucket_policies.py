"""AWS::S3::BucketPolicy in templates, a type that moto 5.2.5 does not know."""
# ruff: noqa: ARG003 -- the signatures are CloudFormationModel's

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.s3.exceptions import MissingBucket
from moto.s3.models import FakeBucket, s3_backends
from moto.utilities.utils import get_partition

Json = dict[str, Any]


def apply() -> None:
    """CloudFormationModel's subclasses are the types that moto knows: the class is all it takes."""


class BucketPolicy(CloudFormationModel):
    """One, by the bucket that it is put on."""

    def __init__(self, bucket: FakeBucket) -> None:
        self.physical_resource_id = bucket.name

    @staticmethod
    def cloudformation_name_type() -> str:
        """It has no name of its own."""
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucketpolicy.html"""
        return "AWS::S3::BucketPolicy"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """None."""
        return False

    def is_created(self) -> bool:
        """At once."""
        return True

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str, **kwargs: Any
    ) -> BucketPolicy:
        """Puts the policy."""
        properties = cloudformation_json["Properties"]
        backend = s3_backends[account_id][get_partition(region_name)]
        bucket = backend.get_bucket(properties["Bucket"])
        backend.put_bucket_policy(bucket.name, json.dumps(properties["PolicyDocument"]).encode())
        return cls(bucket)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: Json,
        account_id: str,
        region_name: str,
    ) -> BucketPolicy:
        """Puts the new one."""
        return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str
    ) -> None:
        """Takes it away; it may have gone with its bucket, as moto ends a stack's resources in any order."""
        with suppress(MissingBucket):
            s3_backends[account_id][get_partition(region_name)].delete_bucket_policy(resource_name)
