"""What S3 Lifecycle does to a bucket: its rules and a history of objects in, a timeline of every version out.

    configuration = Configuration.read(s3.get_bucket_lifecycle_configuration(Bucket=name))
    bucket = Bucket(s3.get_bucket_versioning(Bucket=name).get("Status"), configuration)
    timeline = simulate(bucket, [put("logs/app.log", at=noon(0)), delete("logs/app.log", at=noon(10))])
    timeline.storage_on(30)

Pure functions over what boto3 returned, sure to end, and never an exception for a configuration, however
odd: what AWS would refuse is simulated as if it were mended (`program` says how), and `refusals` says so.
"""

from grader.effects.lifecycle.filters import Filter, Miss, Reason
from grader.effects.lifecycle.history import (
    MIB,
    NOON_OF_DAY_0,
    Bucket,
    Clock,
    Event,
    complete_upload,
    delete,
    noon,
    put,
    set_versioning,
    start_upload,
)
from grader.effects.lifecycle.notes import Note, notes
from grader.effects.lifecycle.refusal import Refusal
from grader.effects.lifecycle.refusals import refusals
from grader.effects.lifecycle.rules import Configuration, Rule
from grader.effects.lifecycle.simulation import simulate
from grader.effects.lifecycle.timeline import Change, Timeline, Upload, Version

__all__ = [
    "MIB",
    "NOON_OF_DAY_0",
    "Bucket",
    "Change",
    "Clock",
    "Configuration",
    "Event",
    "Filter",
    "Miss",
    "Note",
    "Reason",
    "Refusal",
    "Rule",
    "Timeline",
    "Upload",
    "Version",
    "complete_upload",
    "delete",
    "noon",
    "notes",
    "put",
    "refusals",
    "set_versioning",
    "simulate",
    "start_upload",
]
