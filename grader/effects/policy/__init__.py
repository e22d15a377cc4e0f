"""Who may do what: a resource's policy or a key's, a request in, and AWS's decision out.

    decision = sns_may_send(queue["Policy"], topic_arn, queue_arn)
    decision.verdict, decision.statement, decision.nearest  # "implicit_deny", None, Miss(…)
    problems(queue["Policy"], "sqs")  # what AWS would refuse at SetQueueAttributes

Pure functions, sure to end, and never an exception for a policy, whatever its text. What hangs on something
that AWS's pages leave open, or on a key whose value nobody knows, is `inconclusive` with the reason, never a guess.
Where AWS would refuse the policy as a whole, `problems` says so, and the decision is that of what can be read.
"""

from grader.effects.policy.callers import (
    KEY_ACTIONS,
    SEND,
    SNS,
    anonymous_may,
    key_admits,
    principal_may,
    shuts_out,
    sns_may_send,
)
from grader.effects.policy.context import Absence, Context
from grader.effects.policy.decision import Decision, Miss, Name, Verdict
from grader.effects.policy.evaluation import Identity, administrator, evaluate, nobody, with_policies
from grader.effects.policy.mismatch import Mismatch
from grader.effects.policy.policy import Policy
from grader.effects.policy.problem import Problem, Service
from grader.effects.policy.problems import problems
from grader.effects.policy.request import ANONYMOUS, Principal, Request

__all__ = [
    "ANONYMOUS",
    "KEY_ACTIONS",
    "SEND",
    "SNS",
    "Absence",
    "Context",
    "Decision",
    "Identity",
    "Mismatch",
    "Miss",
    "Name",
    "Policy",
    "Principal",
    "Problem",
    "Request",
    "Service",
    "Verdict",
    "administrator",
    "anonymous_may",
    "evaluate",
    "key_admits",
    "nobody",
    "principal_may",
    "problems",
    "shuts_out",
    "sns_may_send",
    "with_policies",
]
