"""The Keycloak distribution: fetched by Maven, checked, unpacked and built once per machine."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

VERSION = "26.7.4"
ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
SHA256 = "a286e98b4296d4e75ee88d8527c7cd463b307caa022f088c9f22cffccc741fa1"
OLDEST_JAVA = 17
# What `kc.sh build` fixes, so that `start --optimized` need not find out. Health and metrics would open a second port.
BUILD = ("--db=dev-file", "--health-enabled=false", "--metrics-enabled=false")
SECONDS_TO_FETCH = 900


class KeycloakMissing(Exception):
    """Keycloak cannot run on this machine; the message says what is missing and what to type."""


def cache_folder() -> Path:
    """Where the unpacked distribution is kept: `$VCP_CACHE`, else `~/.cache/vcp`; a folder per version in there."""
    root = os.environ.get("VCP_CACHE") or "~/.cache/vcp"
    return Path(root).expanduser().resolve() / f"keycloak-{VERSION}"


def find() -> Path:
    """The distribution, ready to start. KeycloakMissing without Java, or where it has not been fetched."""
    java()
    folder = cache_folder()
    if not folder.is_dir():
        raise KeycloakMissing(f"Keycloak {VERSION} has not been fetched to {folder}: make setup-dev does it")
    return folder


def fetch() -> Path:
    """The distribution, fetched and built where it is not there yet. KeycloakMissing without Java or Maven."""
    java()
    folder = cache_folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix="keycloak-fetching-") as scratch:
                archive = _download(Path(scratch))
                _check(archive)
                with zipfile.ZipFile(archive) as opened:
                    opened.extractall(scratch)
                unpacked = Path(scratch) / folder.name
                _run([*kc(unpacked), "build", *BUILD], "Keycloak's build")
                unpacked.rename(folder)  # at the very end: a folder of that name is complete
    return folder


def kc(folder: Path) -> list[str]:
    """Keycloak's own start script. A zip file keeps no execute bit, so a shell is handed the script."""
    return ["sh", str(folder / "bin" / "kc.sh")]


def java() -> str:
    """The path of a Java that is new enough. KeycloakMissing says which one is needed."""
    home = os.environ.get("JAVA_HOME")
    path = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    wanted = (
        f"Keycloak {VERSION} needs Java 17, 21 or 25 (Debian: apt-get install default-jre-headless; "
        "or set JAVA_HOME)"
    )
    if path is None or not Path(path).exists():
        raise KeycloakMissing(f"{wanted}; there is no {path or 'java on PATH'}")
    told = subprocess.run([path, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(?:1\.)?(\d+)', told)
    if found is None or int(found[1]) < OLDEST_JAVA:
        raise KeycloakMissing(f"{wanted}; {path} is {told.splitlines()[0] if told else 'none'}")
    return path


def _download(folder: Path) -> Path:
    maven = shutil.which("mvn")
    if maven is None:
        raise KeycloakMissing(
            f"Keycloak {VERSION} comes by Maven, and there is no mvn on PATH (Debian: apt-get install maven)"
        )
    goal = ["-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={folder}"]
    # In a folder without a pom.xml: what lies in the caller's is no business of this.
    _run([maven, *goal], f"Maven, asked for {ARTIFACT},", cwd=folder)
    return folder / f"keycloak-quarkus-dist-{VERSION}.zip"


def _check(archive: Path) -> None:
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != SHA256:
        raise KeycloakMissing(
            f"{ARTIFACT} is not the file it should be: its SHA-256 is {digest}, not {SHA256}"
        )


def _run(command: list[str], what: str, cwd: Path | None = None) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=SECONDS_TO_FETCH,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise KeycloakMissing(f"{what} did not end within {SECONDS_TO_FETCH} seconds") from None
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise KeycloakMissing(f"{what} failed:\n{last}")
