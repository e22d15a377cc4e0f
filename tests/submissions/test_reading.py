from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from grader.errors import NotGradable
from grader.submissions import Submission, files, read

Write = Callable[[Mapping[str, "str | bytes"]], Path]
TEMPLATE = "Resources: {}\n"


def entries(submission: Submission) -> list[str]:
    return [stage.entry for stage in submission.stages]


def notes(submission: Submission) -> str:
    return " ".join(map(str, submission.notes))


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(NotGradable) as raised:
        read(path, **options)
    assert raised.value.exit_code == 2
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("hw3 (final).py", "python"),
        ("Lösung.sh", "shell"),
        ("stack.yaml", "cloudformation"),
        ("stack.yml", "cloudformation"),
        ("stack.json", "cloudformation"),
        ("vpc.tf", "terraform"),
        ("vpc.tf.json", "terraform"),
        ("MAIN.PY", "python"),
    ],
)
def test_a_single_file_is_taken_by_its_suffix(write: Write, name: str, kind: str) -> None:
    path = write({name: "x", "main.sh": "another"}) / name
    submission = read(path)
    assert (submission.kind, entries(submission), submission.files) == (kind, [name], (name,))


@pytest.mark.parametrize(
    ("names", "kind", "chosen"),
    [
        (["main.py", "helper.py"], "python", ["main.py"]),
        (["main.sh", "policy.json"], "shell", ["main.sh"]),
        (["template.yaml"], "cloudformation", ["template.yaml"]),
        (["template.yml", "notes.txt"], "cloudformation", ["template.yml"]),
        (["template.json"], "cloudformation", ["template.json"]),
        (["b.tf", "a.tf"], "terraform", ["a.tf"]),
        (["a.tf", "main.tf", "modules/x/y.tf"], "terraform", ["main.tf"]),
        (["main.py", "template.yaml"], "cloudformation+python", ["template.yaml", "main.py"]),
        (["a.tf", "main.sh"], "terraform+shell", ["a.tf", "main.sh"]),
        (["deploy.sh"], "shell", ["deploy.sh"]),
        (["deploy.sh", "README.md"], "shell", ["deploy.sh"]),
        (["deploy.sh", "lifecycle.json"], "shell", ["deploy.sh"]),
        (["stack.json", "README.md"], "cloudformation", ["stack.json"]),
    ],
)
def test_a_folder_is_told_by_its_entry(write: Write, names: list[str], kind: str, chosen: list[str]) -> None:
    submission = read(write(dict.fromkeys(names, "x")))
    assert (submission.kind, entries(submission), submission.notes) == (kind, chosen, ())


def test_an_unnamed_template_and_an_unnamed_script_are_a_pair(write: Write) -> None:
    submission = read(write({"stack.yaml": TEMPLATE, "go.sh": "aws s3 ls", "policy.json": "{}"}))
    assert entries(submission) == ["stack.yaml", "go.sh"]


@pytest.mark.parametrize(
    "script",
    [
        "aws cloudformation deploy --template-file template.yaml --stack-name x",
        "aws cloudformation create-stack --template-body file://template.yaml",
        'open("./template.yaml")',
    ],
)
def test_a_script_that_names_the_template_owns_it(write: Write, script: str) -> None:
    submission = read(write({"template.yaml": TEMPLATE, "main.py": script}))
    assert entries(submission) == ["main.py"]
    assert notes(submission) == (
        "main.py applies template.yaml by itself, so labgrade ran only main.py; "
        'order = ["template.yaml", "main.py"] in labgrade.toml makes it apply both.'
    )


@pytest.mark.parametrize(
    "script", ["# after template.yaml\naws s3 ls", "aws s3 cp my-template.yaml s3://b", "cat template.yaml.bak"]
)
def test_a_script_that_only_mentions_it_does_not(write: Write, script: str) -> None:
    assert entries(read(write({"template.yaml": TEMPLATE, "main.sh": script}))) == ["template.yaml", "main.sh"]


@pytest.mark.parametrize("script", ["terraform init", "cd . && tofu apply", "/usr/bin/terraform -chdir=. apply"])
def test_a_script_that_calls_terraform_owns_the_configuration(write: Write, script: str) -> None:
    submission = read(write({"main.tf": "x", "main.sh": script}))
    assert entries(submission) == ["main.sh"]
    assert submission.stages[0].default_seconds == 180


@pytest.mark.parametrize("script", ["# terraform made it", "aws s3 ls s3://my-terraform-state", "rm terraform.tfstate"])
def test_a_script_that_does_not_call_it_comes_after(write: Write, script: str) -> None:
    submission = read(write({"main.tf": "x", "main.sh": script}))
    assert entries(submission) == ["main.tf", "main.sh"]
    assert submission.stages[1].default_seconds == 60


def test_a_lone_folder_is_entered_and_said(write: Write) -> None:
    root = write({"hw/deep/main.py": "x", "__MACOSX/hw/._main.py": "x", "hw/.DS_Store": "x"})
    submission = read(root)
    assert submission.root == root / "hw" / "deep"
    assert submission.files == ("main.py",)
    assert notes(submission) == (
        "The work was found in the folder hw. The work was found in the folder deep. "
        "Left out, as no part of the work: __MACOSX, hw/.DS_Store."
    )


def test_a_folder_beside_a_file_is_not_entered(write: Write) -> None:
    assert "has no entry, only README.md, src/main.py. A submission has a main.py," in refusal(
        write({"README.md": "x", "src/main.py": "x"})
    )


JUNK = [
    *("__MACOSX/main.py", ".DS_Store", "._main.py", ".git/config", ".venv/lib/x.py", ".terraform/providers/x"),
    *("__pycache__/main.pyc", "terraform.tfstate", "terraform.tfstate.backup", ".terraform.lock.hcl", "a/b/.git/x"),
]


def test_junk_is_left_out_of_files_and_fingerprint_and_said(write: Write) -> None:
    plain = read(write({"main.py": "x", "a/b/data.txt": "y"}))
    submission = read(write(dict.fromkeys(JUNK, "junk")))
    assert submission.files == plain.files == ("a/b/data.txt", "main.py")
    assert submission.sha256 == plain.sha256
    assert plain.notes == ()
    assert notes(submission) == (
        "Left out, as no part of the work: .DS_Store, ._main.py, .git, .terraform, .terraform.lock.hcl, .venv, "
        "and 5 more."
    )


def test_links_and_pipes_are_left_out_and_said(write: Write, tmp_path: Path) -> None:
    root = write({"main.py": "x"})
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_text("k")
    (root / "file").symlink_to(tmp_path / "secret" / "key")
    (root / "folder").symlink_to(tmp_path / "secret")
    os.mkfifo(root / "pipe")
    submission = read(root)
    assert submission.files == ("main.py",)
    assert notes(submission) == (
        "Links and special files are left out: file, folder, pipe. Hand in the files themselves."
    )


def test_a_link_is_no_entry(write: Write, tmp_path: Path) -> None:
    (tmp_path / "real.py").write_text("x")
    root = write({})
    (root / "main.py").symlink_to(tmp_path / "real.py")
    assert "nothing to grade in it (left out: main.py)" in refusal(root)


def test_a_path_that_is_a_link_is_the_callers_own(write: Write, tmp_path: Path) -> None:
    link = tmp_path / "link.py"
    link.symlink_to(write({"main.py": "x"}) / "main.py")
    submission = read(link)
    assert (submission.path, submission.files, entries(submission)) == (link, ("main.py",), ["main.py"])


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["main.py", "main.sh"], "main.py and main.sh"),
        (["template.yaml", "template.json"], "template.json and template.yaml"),
        (["main.tf", "template.yaml"], "main.tf and template.yaml"),
        (["one.py", "two.py"], "one.py and two.py"),
    ],
)
def test_two_of_one_sort_are_refused_by_name(write: Write, names: list[str], found: str) -> None:
    message = refusal(write(dict.fromkeys(names, "x")))
    assert f"has {found}, and one of a sort is applied; hand in one, or name it: --entry FILE" in message


@pytest.mark.parametrize("names", [[], [".git/config"]])
def test_a_folder_without_work_is_refused(write: Write, names: list[str]) -> None:
    assert "nothing to grade in it" in refusal(write(dict.fromkeys(names, "x")))


@pytest.mark.parametrize("content", ["", " \n\t\r\n"])
def test_an_empty_entry_is_refused(write: Write, content: str) -> None:
    assert refusal(write({"main.py": content})).endswith("main.py: is empty; nothing to grade.")


def test_a_binary_entry_is_refused(write: Write) -> None:
    assert "main.py: is not text; hand in the source itself" in refusal(write({"main.py": b"\x7fELF\0\0"}))


def test_utf_16_is_refused_with_the_cure(write: Write) -> None:
    content = "print()".encode("utf-16")
    assert "main.py: is UTF-16 text; save it as UTF-8." in refusal(write({"main.py": content}))


def test_binary_data_beside_the_entry_is_taken(write: Write) -> None:
    assert read(write({"main.py": "x", "lambda.zip": b"PK\0\0"})).files == ("lambda.zip", "main.py")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_refused_by_name(write: Write) -> None:
    root = write({"main.py": "x"})
    (root / "main.py").chmod(0)
    assert "main.py: cannot be read (Permission denied)" in refusal(root)


def test_an_unknown_file_is_refused_with_what_is_known(write: Write) -> None:
    message = refusal(write({"hw.zip": "x"}) / "hw.zip")
    assert "hw.zip: labgrade cannot tell what this is" in message
    assert ".json .py .sh .tf .tf.json .yaml .yml (unpack an archive first)" in message


def test_a_path_that_is_not_there_is_told_the_nearest_name(write: Write) -> None:
    root = write({"main.py": "x"})
    assert refusal(root / "mian.py").endswith(
        f"mian.py: cannot be read (No such file or directory); did you mean {root / 'main.py'}."
    )
    assert refusal(root / "zzz").endswith("zzz: cannot be read (No such file or directory).")


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "main.py/x"])
def test_a_path_that_cannot_be_is_refused(write: Write, name: str) -> None:
    assert "cannot be read (" in refusal(write({"main.py": "x"}) / name)


def test_a_pipe_for_a_path_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "main.py")
    assert "not a file or a folder" in refusal(tmp_path / "main.py")


@pytest.mark.parametrize("entry", ["other.py", "./other.py"])
def test_the_entry_can_be_named(write: Write, entry: str) -> None:
    root = write({"main.py": "x", "other.py": "x", "template.yaml": TEMPLATE, "labgrade.toml": 'entry = "main.py"'})
    assert entries(read(root, entry=entry)) == ["other.py"]


@pytest.mark.parametrize("entry", ["hw/src/run.py", "src/run.py", "src\\run.py"])
def test_an_entry_in_a_folder_is_found_with_and_without_the_lone_one(write: Write, entry: str) -> None:
    root = write({"hw/src/run.py": "x", "hw/README": "x"})
    assert entries(read(root, entry=entry)) == ["src/run.py"]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("nope.py", "there is no entry nope.py in it; it holds data.txt, main.py."),
        ("../x.py", "the entry ../x.py must lie inside the submission."),
        ("/etc/passwd", "the entry /etc/passwd must lie inside the submission."),
        ("data.txt", "data.txt cannot be an entry. A submission has"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(write: Write, entry: str, reason: str) -> None:
    assert reason in refusal(write({"main.py": "x", "data.txt": "x"}), entry=entry)


def test_an_entry_beside_a_single_file_is_refused(write: Write) -> None:
    assert "leave out --entry" in refusal(write({"main.py": "x"}) / "main.py", entry="main.py")


def test_labgrade_toml_names_the_entry(write: Write) -> None:
    root = write({"one.py": "x", "two.py": "x", "labgrade.toml": b'\xef\xbb\xbfentry = "two.py"\r\n'})
    assert entries(read(root)) == ["two.py"]


def test_labgrade_toml_settles_the_order(write: Write) -> None:
    script = "aws cloudformation describe-stacks # template.yaml"
    toml = 'order = ["main.sh", "template.yaml"]'
    submission = read(write({"template.yaml": TEMPLATE, "main.sh": script, "labgrade.toml": toml}))
    assert entries(submission) == ["main.sh", "template.yaml"]
    assert submission.kind == "shell+cloudformation"


def test_whose_work_it_is_stands_beside_it_and_is_not_taken_from_it(write: Write) -> None:
    toml = 'student = "kim"\ncourse = "C1"\nentry = "work.py"'
    assert entries(read(write({"work.py": "1", "other.py": "2", "labgrade.toml": toml}))) == ["work.py"]


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ("score = 100", "'score' has no meaning inside a submission, only entry and order do"),
        ('entry = "main.py"\norder = ["main.py"]', "it says both entry and order; keep one."),
        ("entry = 3", "entry is the name of a file"),
        ('entry = ""', "entry is the name of a file"),
        ('order = "main.py"', "order lists different files"),
        ("order = []", "order lists different files"),
        ('order = ["main.py", "main.py"]', "order lists different files"),
        ('order = ["nope.sh"]', "there is no entry nope.sh in it"),
        ('entry = "../../x.py"', "must lie inside the submission"),
        ('\n\nentry = "main.py', "is not TOML: Unterminated string (at line 3, the last)"),
        ("entry = [\n\n", "at line 1, the last"),
        ("x = \xff".encode("latin-1"), "is not UTF-8 text"),
        ("x = " + "[" * 5000, "is nested too deeply"),
    ],
)
def test_a_wrong_labgrade_toml_is_refused(write: Write, toml: str | bytes, reason: str) -> None:
    message = refusal(write({"main.py": "x", "labgrade.toml": toml}))
    assert reason in message


def test_a_broken_labgrade_toml_is_told_its_line(write: Write) -> None:
    message = refusal(write({"main.py": "x", "labgrade.toml": 'entry = "main.py"\norder = nope\n'}))
    assert "labgrade.toml: is not TOML: Invalid value (at line 2, column 9)." in message


def test_the_fingerprint_is_over_sorted_lengths_paths_and_contents(write: Write) -> None:
    def part(data: bytes) -> bytes:
        return len(data).to_bytes(8, "big") + data

    names = ["main.py", "Z.txt", "a/b.txt", "ä.txt"]
    expected = b"".join(part(name.encode()) + part(b"1") for name in ["Z.txt", "a/b.txt", "main.py", "ä.txt"])
    assert read(write(dict.fromkeys(names, "1"))).sha256 == hashlib.sha256(expected).hexdigest()


def test_no_two_submissions_share_a_fingerprint(tmp_path: Path) -> None:
    def fingerprint(content: Mapping[str, str]) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        for name, text in content.items():
            (folder / name).write_text(text)
        return files.fingerprint(folder, list(content))

    same = [{"a": "bc"}, {"ab": "c"}, {"a": "b", "c": ""}, {"a": "", "bc": ""}]
    assert len({fingerprint(content) for content in same}) == len(same)


def test_too_many_files_are_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILES", 3)
    assert "more than 3 files; hand in only the work itself" in refusal(write(dict.fromkeys(["main.py", *"abc"], "x")))


def test_a_folder_of_endless_junk_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_LOOKED_AT", 5)
    assert "more than 5 names" in refusal(write({f"{n}.pyc": "x" for n in range(6)}))


def test_too_much_is_refused(write: Write) -> None:
    root = write({"main.py": "x"})
    os.truncate(root / "main.py", files.MAX_BYTES + 1)
    assert "more than 20 MiB" in refusal(root)
    assert "more than 20 MiB" in refusal(root / "main.py")


def test_too_deep_a_folder_is_refused(write: Write) -> None:
    assert "folders lie more than 20 deep" in refusal(write({"a/" * 22 + "main.py": "x"}))


def test_odd_names_are_kept_and_shown_on_one_line(write: Write) -> None:
    root = write({"main.py": "x", "two\nlines.txt": "x", "가 나.txt": "x"})
    (root / os.fsdecode(b"\xff.txt")).touch()
    submission = read(root)
    assert submission.files == ("main.py", "two\nlines.txt", "가 나.txt", os.fsdecode(b"\xff.txt"))
    assert "it holds main.py, two\\nlines.txt, 가 나.txt, \\xff.txt." in refusal(root, entry="nope.py")


def test_a_submission_as_json(write: Write) -> None:
    root = write({"main.tf": "x", "main.sh": "x"})
    submission = read(str(root))
    assert submission.to_json() == {"path": str(root), "kind": "terraform+shell", "sha256": submission.sha256}
