"""run, as a process: what reaches stdout, what stderr, with which exit status; and what it loads."""

import json
import os
import shlex
import subprocess
import sys

import pytest

STDIN = json.dumps(
    {
        "apiVersion": "config.kubernetes.io/v1",
        "kind": "ResourceList",
        "items": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}],
        "functionConfig": {"kind": "F", "metadata": {"name": "f"}},
    }
).encode()
HEAVY = {
    "argparse", "asyncio", "contextlib", "dataclasses", "difflib", "inspect", "logging", "pathlib", "socket",
    "subprocess", "tempfile", "textwrap", "traceback", "typing",
}  # fmt: skip


@pytest.fixture
def call(author, environment):
    def start(body, *arguments, stdin=STDIN, **options):
        command = [author(body), *arguments]
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        return subprocess.run(command, input=stdin, env=environment, check=False, timeout=600, **options)

    return start


NOISE = {
    "print": "print('noise', flush=True)",
    "unflushed print": "sys.stdout.write('noise')",
    "print kept from before": "sys.__stdout__.write('noise')",
    "descriptor": "import os; os.write(1, b'noise')",
    "child process": "import os; os.system('echo noise')",
    "buffered C library": "import ctypes; ctypes.CDLL(None).printf(b'noise')",
    "print at exit": "import atexit; atexit.register(print, 'noise')",
}


@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE)
def test_noise_goes_to_stderr_and_one_list_to_stdout(call, noise):
    done = call(noise)
    assert done.returncode == 0
    assert json.loads(done.stdout)["items"][0]["metadata"] == {"name": "a"}
    assert b"noise" not in done.stdout
    assert done.stderr.count(b"noise") == 1


@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE)
def test_after_a_crash_nothing_is_on_stdout(call, noise):
    done = call(f"{noise}\nraise ValueError('oops')")
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"ValueError: oops" in done.stderr


def test_in_the_plugin_home_what_is_wrong_begins_a_line(call, environment, monkeypatch):
    """There kustomize puts "Error: " before the words."""
    wrong = 'raise FunctionConfigError("wrong")'
    assert call(wrong).stderr == b"F/f: wrong\n"
    monkeypatch.setitem(environment, "KUSTOMIZE_PLUGIN_CONFIG_ROOT", "/somewhere")
    assert call(wrong).stderr == b"\nF/f: wrong\n"
    assert call("sys.stderr.write('a word')").stderr == b"a word"


@pytest.mark.parametrize("leave", ["sys.exit(0)", "raise SystemExit", "quit()"])
def test_leaving_early_is_no_success(call, leave):
    done = call(leave)
    assert (done.returncode, done.stdout) == (3, b"")


def test_a_full_disk_is_no_success(call):
    with open("/dev/full", "wb") as full:
        done = call("pass", stdout=full)
    assert done.returncode == 1
    assert b"stdout cannot be written: No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_closed_pipe_is_no_success(call):
    reading, writing = os.pipe()
    os.close(reading)
    done = call("pass", stdout=writing)
    os.close(writing)
    assert done.returncode == 1
    assert b"stdout cannot be written: Broken pipe" in done.stderr


def test_a_closed_stdout_is_no_success(author, environment):
    command = f"{shlex.quote(str(author('pass')))} >&-"
    done = subprocess.run(command, shell=True, input=STDIN, env=environment, capture_output=True, check=False)
    assert done.returncode == 1


def test_a_closed_stderr_hurts_nobody(author, environment):
    command = f"{shlex.quote(str(author('print(1)')))} 2>&-"
    done = subprocess.run(command, shell=True, input=STDIN, env=environment, capture_output=True, check=False)
    assert done.returncode == 0
    assert json.loads(done.stdout)["items"]


def test_a_closed_stdin_is_a_sentence(author, environment):
    command = f"{shlex.quote(str(author('pass')))} <&-"
    done = subprocess.run(command, shell=True, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"stdin: a ResourceList must be there, was empty\n"


def test_large_lists_are_written_whole(call):
    done = call("resources.items[0]['data'] = {'k': 'x' * 3_000_000}")
    assert len(json.loads(done.stdout)["items"][0]["data"]["k"]) == 3_000_000


def test_help_says_what_it_does_and_how_to_run_it(call):
    done = call('"""Does nothing at all."""', "--help", stdin=b"")
    assert done.returncode == 0
    assert done.stdout.startswith(b"Does nothing at all.\n")
    assert b"--enable-exec" in done.stdout


def test_run_can_be_called_again_in_one_process(author, environment):
    path = author("print('noise')")
    text = path.read_text().replace(
        "raise SystemExit(run(function))",
        "import gc, io\n"
        "for _ in range(2):\n"
        "    sys.stdin = io.TextIOWrapper(io.BytesIO(open(sys.argv[1], 'rb').read()))\n"
        "    print(run(function, []), gc.isenabled(), flush=True)",
    )
    path.write_text(text)
    stdin = path.with_name("stdin")
    stdin.write_bytes(STDIN)
    done = subprocess.run([path, stdin], env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == "noise\nnoise\n"
    assert done.stdout.count('{"apiVersion":"config') == 2
    assert done.stdout.count("0 True\n") == 2


def test_the_good_path_loads_nothing_heavy(call):
    body = f"""
    import atexit
    heavy = {sorted(HEAVY)!r}
    atexit.register(lambda: sys.stderr.write(",".join(name for name in heavy if name in sys.modules)))
    resources.items.append({{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {{"name": "b"}}}})
    """
    done = call(body)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_sdk_itself_needs_nothing_but_the_standard_library_and_pyyaml(environment):
    code = """
import sys, yaml
before = set(sys.modules)
import kloom.sdk, kloom.sdk.in_place, kloom.sdk.testing
print(*set(sys.modules) - before)
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if name.partition(".")[0] not in sys.stdlib_module_names}
    assert {name for name in loaded if not name.startswith("kloom.sdk")} <= {"kloom"}
