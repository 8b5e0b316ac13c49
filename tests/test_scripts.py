"""The commands in bin/ as a plain user runs them, in a copy of their own and without installing anything."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAD = '. "$(dirname "$0")/_lib.sh"\n. "$checkout/bin/_setup.sh"\n'


@pytest.fixture
def user():
    """Root's tests run the commands as nobody."""
    return "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


@pytest.fixture
def checkout(user):
    # Not tmp_path: its parents are closed to everybody else.
    with tempfile.TemporaryDirectory(prefix="weige-scripts-") as name:
        copy = Path(name)
        shutil.copytree(ROOT / "bin", copy / "bin")
        (copy / "config/settings").mkdir(parents=True)
        shutil.copy(ROOT / "config/settings/base.py", copy / "config/settings/")
        if os.geteuid() == 0:
            for path in (copy, *copy.rglob("*")):
                shutil.chown(path, user)
        yield copy


def default_signals():
    """A shell cannot trap what was ignored when it began, as nohup and a background job leave it."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def start(checkout, user):
    """Starts a command of the copy; `lines` makes a script of them first."""
    running = []

    def begin(name, *lines, path=os.environ["PATH"]):
        script = checkout / "bin" / name
        if lines:
            script.write_text("#!/usr/bin/env bash\n" + HEAD + "\n".join(lines) + "\n")
            script.chmod(0o755)
        process = subprocess.Popen(
            [script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={"PATH": path},
            preexec_fn=default_signals,
            **(
                {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
                if os.geteuid() == 0
                else {}
            ),
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()


@pytest.fixture
def path_without_packages(checkout):
    """All programs of the machine but two, as on one that lacks their packages."""
    programs = checkout / "programs"
    programs.mkdir()
    for folder in ("/bin", "/usr/bin"):
        for program in os.scandir(folder):
            if program.name not in ("redis-server", "msgfmt") and not (programs / program.name).is_symlink():
                (programs / program.name).symlink_to(program.path)
    return str(programs)


@pytest.mark.parametrize("command", ["demo", "test", "manage"])
def test_a_plain_user_is_told_in_one_line_what_to_install(start, command, path_without_packages):
    process = start(command, path=path_without_packages)
    out, error = process.communicate(timeout=30)
    assert process.returncode == 1
    assert (out, error.count("\n")) == ("", 1)
    said = f"bin/{command}: missing system packages; run: sudo apt-get install --no-install-recommends "
    assert error.startswith(said)
    assert {"gettext", "redis-server"} <= set(error.removeprefix(said).split())


def test_two_at_once_take_turns(start):
    lines = ("lock setup", "say mine", "read -r _ || true")
    first = start("first", *lines)
    assert first.stdout.readline() == "mine\n"
    second = start("second", *lines)
    assert "waiting for it" in second.stdout.readline()
    first.stdin.close()
    assert second.stdout.readline() == "mine\n"
    second.stdin.close()
    assert (first.wait(10), second.wait(10)) == (0, 0)


INSTALL = (
    "exec 3>&1",
    "policy=$checkout/policy",
    "on_exit true",
    "apt_get() { say begun >&3; run $apt; }",
    "install_packages gettext",
)


@pytest.mark.parametrize(
    ("apt", "ended_by", "code"),
    [
        ("true", None, 0),
        ("false", None, 1),
        ("sleep 60", signal.SIGINT, 130),
        ("sleep 60", signal.SIGTERM, 143),
        ("sleep 60", signal.SIGHUP, 129),
    ],
    ids=["done", "failed", "Ctrl-C", "stopped", "terminal closed"],
)
def test_no_installation_leaves_its_policy_behind(start, checkout, apt, ended_by, code):
    process = start("install", f"apt='{apt}'", *INSTALL)
    assert process.stdout.readline() == "Installing system packages: gettext\n"
    assert process.stdout.readline() == "begun\n"
    if ended_by:
        assert (checkout / "policy").exists()
        process.send_signal(ended_by)
    process.communicate(timeout=10)
    assert process.returncode == code
    assert not (checkout / "policy").exists()


def test_a_closed_terminal_ends_an_installation_also_when_these_tests_run_under_nohup(start, checkout):
    kept = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        process = start("install", "apt='sleep 60'", *INSTALL)
    finally:
        signal.signal(signal.SIGHUP, kept)
    assert process.stdout.readline() == "Installing system packages: gettext\n"
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=10)
    assert process.returncode == 129
    assert not (checkout / "policy").exists()


@pytest.mark.parametrize("apt", ["true", "false"])
def test_the_policy_of_somebody_else_stays(start, checkout, apt):
    (checkout / "policy").write_text("theirs")
    start("install", f"apt={apt}", *INSTALL).communicate(timeout=10)
    assert (checkout / "policy").read_text() == "theirs"
