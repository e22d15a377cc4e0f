"""The fixed words of pages and of their drawings, in one table, and the one function that looks them up.

What is said about a report stands in `story` and `ending`; here are headings, labels and captions.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.languages import spoken
from grader.texts import Argument

WORDS: Mapping[str, str] = {
    # headings and landmarks of a report
    "report of": "{lab}: {score}",
    "skip": "Skip to the requirements",
    "requirements": "Requirements",
    "worth knowing": "Worth knowing",
    "the run": "When your submission ran",
    "printed to stdout": "Printed to standard output",
    "printed to stderr": "Printed to standard error",
    "truncated": "It printed too much to keep: the middle is missing.",
    "parameters": "Your names and numbers",
    "about": "About this report",
    "points": "{points} points",
    "as at": "The same as at {number}.",
    # a table of facts about the grading
    "variable": "Variable",
    "value": "Value",
    "meaning": "Meaning",
    "graded at": "Graded at",
    "submission": "Submission",
    "digest": "Its SHA-256",
    "emulator": "Emulator",
    "endpoint": "Endpoint",
    "account": "Account",
    "region": "Region",
    "sandbox": "Sandbox",
    "guarantees": "What held while it ran",
    "lab version": "Version of the lab",
    "labgrade": "labgrade",
    "feedback": "Feedback",
    "feedback found": "What was found and wanted; why, and how to mend it, is not told here.",
    "feedback names": "The requirements and their outcomes; what was found is not told here.",
    "feedback count": "How many requirements hold; which ones is not told here.",
    # the timeline
    "yours": "yours",
    "asked": "asked",
    "day": "day",
    "object": "Object",
    "as configured": "As you configured it",
    "as asked for": "As the lab asks",
    "verdict": "Compared",
    "same": "as asked",
    "differs": "not as asked: {days}",
    "days between": "days {first} to {last}",
    "one day": "day {day}",
    "from day on": "from day {day} on",
    "differs in words": "asked: {asked}",
    "from day": "{word} from day {day}",
    "row": "{label}. Yours: {yours}.",
    "row beside asked": "{label}. Yours: {yours}. Asked: {asked}. Compared: {verdict}.",
    "in words": "{label}: {text}",
    "in words beside asked": "{row} ({verdict})",
    "as a table": "The same as a table",
    "not to scale": "Days are in order, and not to scale. The last stretch goes on for ever.",
    "what becomes": "What becomes of your objects, by day",
    "words of the drawing": "What the words mean",
    # a timeline's own words, and what they mean
    "word marker": "marker",
    "word lone marker": "lone marker",
    "word old version": "old version",
    "word parts": "parts",
    "word any class": "any class",
    "word gone": "gone",
    "meaning of IA": "Standard-IA: cheaper to keep, dearer to read",
    "meaning of Glacier": "Glacier Flexible Retrieval: an archive, readable after minutes to hours",
    "meaning of Glacier IR": "Glacier Instant Retrieval: an archive that is readable at once",
    "meaning of Deep Archive": "Glacier Deep Archive: readable after hours to days",
    "meaning of One Zone-IA": "One Zone-IA: kept in one place only",
    "meaning of Intelligent": "Intelligent-Tiering: S3 picks the class",
    "meaning of marker": "a delete marker lies on top: the object reads as deleted, and can still be got back",
    "meaning of lone marker": "a delete marker with nothing behind it: the object is lost",
    "meaning of old version": "overwritten, and can still be got back",
    "meaning of parts": "parts of an upload that nobody completed",
    "meaning of any class": "any class will do",
    "meaning of gone": "lost for good from that day on",
    # queues
    "messages": "What becomes of messages",
    "queue": "Queue",
    "setting": "What it says",
    "way": "The way on",
    "not as asked": "not as asked",
    "as asked in words": "{value} (asked: {asked})",
    # the network
    "your vpc": "Your VPC",
    "numbers are ways": "The numbers on the map are those of the ways below it.",
    "no subnets": "no subnets",
    "more subnets": "and {count} more subnets",
    "no way out": "no route out of the VPC",
    "a nat gateway": "NAT gateway {id}",
    "a gateway": "{kind} {id}",
    "a gateway apart": "{kind} {id} (not attached)",
    "not attached": "not attached",
    "gives addresses": "gives public addresses",
    "tier public": "public",
    "tier private": "private",
    "no tier": "no tier",
    "way in words": "{label}: {result} ({verdict})",
    "gets there": "gets there, and the answers come back",
    "gets in": "gets in",
    "kept out": "kept out, {code}",
    "stuck at": "stuck at {place}, {code}",
    "nobody can say": "nobody can say",
    "handed to": "handed to {place}, and followed no further",
    "out": "out",
    "back": "the answer",
    "part": "Part",
    "what it is": "What it is",
    "where it leads": "Where it leads",
    "kind host": "host",
    "kind internet": "internet",
    "kind internet-gateway": "internet gateway",
    "kind egress-only-internet-gateway": "egress-only gateway",
    "kind nat-gateway": "NAT gateway",
    "kind network-acl": "network ACL",
    "kind network-interface": "network interface",
    "kind route-table": "route table",
    "kind security-group": "security group",
    "kind subnet": "subnet",
    "kind vpc": "VPC",
    "kind vpc-endpoint": "endpoint",
    "kind vpc-peering-connection": "peering connection",
    # the fan-out of a topic
    "topic": "topic",
    "lets through": "What its subscription lets through",
    "arrives there": "What arrives",
    "remarks": "What else there is to say",
    "nothing": "nothing",
    "not subscribed": "not subscribed",
    "arrives": "arrives: {what}",
    "would arrive": "would arrive: {what}",
    "should arrive": "Should arrive: {what}.",
    "should come": "Should come {shape}.",
    "AWS refuses": "AWS refuses it: {why}",
    "open to others": "Open to others: {who}",
    "kept in": "What cannot be delivered is kept in {queue}.",
    "lost": "What cannot be delivered is lost: {why}",
    "more subscriptions": "{count} more subscriptions of the topic go elsewhere.",
    # a task
    "task of": "{lab}: the task",
    "about minutes": "about {minutes} minutes",
    "table": "Table",
    "code": "Code",
    "what now": "Your score, as often as you like",
    "copy": "Copy",
    "copied": "Copied",
    "copy what": "Copy {what}",
}


def say(key: str, /, **values: Argument) -> str:
    """The words of that key, filled in. Raises KeyError for a key that there is not."""
    return spoken(WORDS[key], **values)


def shown(word: str) -> str:
    """A word of a drawing as it is read; one that we do not know, a class of AWS's say, as it is."""
    key = f"word {word}"
    return say(key) if key in WORDS else word


def meaning(word: str) -> str:
    """What a word of a drawing means; empty for one that speaks for itself."""
    key = f"meaning of {word}"
    return say(key) if key in WORDS else ""
