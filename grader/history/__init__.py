"""What a student did in a workspace, told from its journal as a script of AWS CLI commands that does it again."""

from grader.history.script import History, written

__all__ = ["History", "written"]
