"""Install what the platform needs into `.venv` and `static/build`; a step whose inputs did not change is skipped.

    python3 scripts/setup.py          what running needs
    python3 scripts/setup.py --dev    that, and what checks and tests need (Chromium and Keycloak included)

Standard library only. The code down to `main` has to parse on old Pythons, to say that they are too old.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time

OLDEST = (3, 11)
NAMES = ("python3", "python3.14", "python3.13", "python3.12", "python3.11")
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class SetupError(Exception):
    """What is wrong and what to do about it."""


def main(arguments):
    """Run the steps; 0, or 1 with the reason on standard error."""
    dev = "--dev" in arguments
    try:
        if sys.version_info[:2] < OLDEST:
            find_newer_python(arguments)
        os.chdir(ROOT)
        with open(os.path.abspath(__file__)) as lock:
            wait_for(lock)
            make_venv()
            install_packages(dev)
            install_node_packages()
            build_assets()
            compile_translations()
            if dev:
                install_browser()
                fetch_keycloak()
                fetch_stripe_mock()
    except SetupError as error:
        print("\nset-up stopped: %s" % error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nset-up interrupted; run the same command again to go on", file=sys.stderr)
        return 130
    return 0


def find_newer_python(arguments):
    """Go on in the first Python on PATH that is new enough; SetupError where there is none."""
    for name in NAMES:
        path = shutil.which(name)
        if path and subprocess.call([path, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]) == 0:
            os.execv(path, [path, os.path.abspath(__file__)] + arguments)
    raise SetupError(
        "Python %d.%d or newer is needed and this one is %d.%d. Install a newer one, or name it: make PYTHON=python3.12 demo"
        % (OLDEST + sys.version_info[:2])
    )


def wait_for(lock):
    """Take the lock, so that two set-ups of one folder do not write over each other."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        say("waiting for another set-up of this folder")
        fcntl.flock(lock, fcntl.LOCK_EX)


# The steps.


def make_venv():
    """`.venv` with pip, made by this Python. One that was moved here or lost its Python is made again."""
    if os.path.exists(VENV):
        where = "import os, sys, pip; print(os.path.realpath(sys.prefix), end='')"
        found = (
            subprocess.run([PYTHON, "-c", where], capture_output=True, text=True)
            if os.path.exists(PYTHON)
            else None
        )
        if found and found.returncode == 0 and found.stdout == os.path.realpath(VENV):
            return
        shutil.rmtree(VENV)
    if not has_ensurepip():
        package = "python%d.%d-venv" % sys.version_info[:2]
        apt_install(package, "Python's venv module (Debian's package %s)" % package)
    run("virtual environment (.venv)", [sys.executable, "-m", "venv", VENV])


def has_ensurepip():
    """Whether this Python can put pip into a virtual environment; Debian keeps that in a package of its own."""
    return subprocess.call([sys.executable, "-c", "import ensurepip"], stderr=subprocess.DEVNULL) == 0


def install_packages(dev):
    """The Python packages of the lock file, each checked against its hash."""
    # The larger lock file has every pin of the smaller one (tests/quality holds that), so it serves for both.
    wanted = "requirements-dev.txt" if dev else "requirements.txt"
    stamps = {
        name: Stamp("packages-" + name, [name]) for name in ("requirements-dev.txt", "requirements.txt")
    }
    if stamps[wanted].fresh() or stamps["requirements-dev.txt"].fresh():
        return
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    # Root is right here: these packages go into .venv only.
    run(
        "Python packages (%s)" % wanted, [*pip, "--root-user-action=ignore", "--require-hashes", "-r", wanted]
    )
    stamps[wanted].write()


def install_node_packages():
    """The style sheet and scripts of package-lock.json, by the npm on PATH, else by the wheel's."""
    stamp = Stamp("node", ["package.json", "package-lock.json"], outputs=["node_modules"])
    if stamp.fresh():
        return
    npm = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    found = shutil.which("npm")
    # Without `bin` on PATH the wheel's npm would not find the wheel's node.
    environment = dict(os.environ, PATH=os.path.join(VENV, "bin") + os.pathsep + os.environ.get("PATH", ""))
    own = [os.path.join(VENV, "bin", "npm"), *npm]
    try:
        run("front-end packages (npm ci)", [found, *npm] if found else own, None if found else environment)
    except SetupError:
        if not found:
            raise
        run("front-end packages again, by the npm in .venv", own, environment)
    stamp.write()


def build_assets():
    """`static/build`: what the pages load, named by content."""
    inputs = ["package-lock.json", "scripts/build_assets.py", *files_under("static", besides="static/build")]
    stamp = Stamp("assets", inputs, outputs=["static/build"])
    if not stamp.fresh():
        run("style sheet and script (static/build)", [PYTHON, "scripts/build_assets.py"])
        stamp.write()


def compile_translations():
    """Catalogues as the program reads them (.mo beside every .po)."""
    catalogues = [path for path in files_under("translations") if path.endswith(".po")]
    stamp = Stamp("translations", catalogues, outputs=[path[:-2] + "mo" for path in catalogues])
    if catalogues and not stamp.fresh():
        babel = [PYTHON, "-m", "babel.messages.frontend", "--quiet", "compile", "-d", "translations"]
        run("translations", babel)
        stamp.write()


def install_browser():
    """The browser of the browser stories."""
    if not any(shutil.which(name) for name in BROWSERS):
        apt_install("chromium", "Chromium, the browser of the browser stories,")


def fetch_keycloak():
    """The Keycloak that some tests sign people in at. It needs Java and Maven; without them those tests skip."""
    if not (shutil.which("java") and shutil.which("mvn")):
        return
    with open("sandbox/keycloak/distribution.py") as file:
        version = re.search('^VERSION = "(.+)"', file.read(), re.MULTILINE).group(1)
    cache = os.path.expanduser(os.environ.get("VCP_CACHE") or "~/.cache/vcp")
    if os.path.isdir(os.path.join(cache, "keycloak-" + version)):
        return
    try:
        run("Keycloak (177 MB, once per machine)", [PYTHON, "-m", "sandbox.keycloak", "--fetch"])
    except SetupError as error:
        say("going on without Keycloak; the tests that need it will say so. %s" % error)


def fetch_stripe_mock():
    """Stripe's own pretend Stripe, which some tests ask for its opinion. It needs Go; without it those tests skip."""
    if not shutil.which("go"):
        return
    with open("tests/stripe_mock.py") as file:
        version = re.search('^VERSION = "(.+)"', file.read(), re.MULTILINE).group(1)
    cache = os.path.expanduser(os.environ.get("VCP_CACHE") or "~/.cache/vcp")
    folder = os.path.abspath(os.path.join(cache, "stripe-mock-" + version))
    if os.path.isfile(os.path.join(folder, "stripe-mock")):
        return
    command = ["go", "install", "github.com/stripe/stripe-mock@v" + version]
    try:
        run("stripe-mock (built once per machine)", command, dict(os.environ, GOBIN=folder))
    except SetupError as error:
        say("going on without stripe-mock; the tests that need it will say so. %s" % error)


# Their tools.


class Stamp:
    """Remembers in `.venv/stamps` what a step was last done with."""

    def __init__(self, name, inputs, outputs=()):
        self.path = os.path.join(VENV, "stamps", name)
        self.inputs = inputs
        self.outputs = outputs

    def fresh(self):
        """Whether the step was done with the same inputs, and what it made is still there."""
        if not os.path.exists(self.path) or not all(os.path.exists(path) for path in self.outputs):
            return False
        with open(self.path) as file:
            return file.read() == self._digest()

    def write(self):
        """Call it after the step has succeeded."""
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        with open(self.path, "w") as file:
            file.write(self._digest())

    def _digest(self):
        digest = hashlib.sha256()
        for path in self.inputs:
            with open(path, "rb") as file:
                digest.update(b"%s\0%s\0" % (path.encode(), hashlib.sha256(file.read()).digest()))
        return digest.hexdigest()


def files_under(folder, besides=None):
    """Every file below `folder`, in a fixed order, without what is below `besides`."""
    found = []
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if os.path.join(where, name) != besides]
        found += [os.path.join(where, name) for name in names]
    return sorted(found)


def apt_install(package, what):
    """Install Debian's package as root; anybody else is told what to type."""
    apt = shutil.which("apt-get")
    line = "apt-get install -y --no-install-recommends " + package
    if not apt:
        raise SetupError(
            "%s is missing; install it with your system's package manager, then try again" % what
        )
    if os.geteuid() != 0:
        raise SetupError("%s is missing. Type this, then try again:\n\n    sudo %s\n" % (what, line))
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    run("list of Debian's packages", [apt, "update", "-qq"], environment)
    run("Debian's package %s" % package, line.split(), environment)


def run(title, command, environment=None):
    """Run one step and say how long it took; what it printed is shown only when it failed."""
    say("%s ... " % title, end="")
    start = time.monotonic()
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    print("%s, %.1f s" % ("done" if done.returncode == 0 else "failed", time.monotonic() - start), flush=True)
    if done.returncode != 0:
        raise SetupError("%s\n\n%s" % (" ".join(command), done.stdout.strip()))


def say(text, end="\n"):
    """One line of progress."""
    print("[set-up] %s" % text, end=end, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
